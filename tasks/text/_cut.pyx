"""The compiled twin of ``cut.py``'s spans."""

cdef tuple BLANK = ("blank", None, None)
cdef object new = tuple.__new__


def find_spans(page, list labelled, kind):
    """The twin of ``cut._find_spans``; ``kind`` is the named tuple that a span is."""
    cdef list starts = page.lines.starts, texts = page.texts, ends = page.lines.ends, spans = []
    cdef Py_ssize_t at, size = len(labelled)
    cdef tuple one, last = None
    if not len(starts) == len(texts) == size:
        raise ValueError("a page's columns are of one length")
    start = 0
    for at in range(size):
        one = labelled[at] if texts[at] else BLANK
        if one is last:
            continue
        if last is not None and one != last:
            spans.append(new(kind, (start, starts[at], last[0], last[1], last[2])))
            start = starts[at]
        last = one
    if last is not None:
        spans.append(new(kind, (start, ends[size - 1], last[0], last[1], last[2])))
    return tuple(spans)
