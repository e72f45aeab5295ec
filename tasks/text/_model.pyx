"""Compiled twin of the networks in ``model.py``: for few lines numpy's calls cost more than they do.

Each number is a sum in one fixed order, without fused products, however wide the processor's
registers are: all processors give the same scores.
"""

import numpy as np

from libc.stddef cimport size_t
from libc.stdint cimport uintptr_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

cdef extern from *:
    """
    #define LANES 16 /* numbers of a layer's output that are summed side by side */
    #define CHUNK 48 /* lines whose numbers stay in the nearest cache */

    typedef struct {
        const float *from[3]; /* first row of what each part of the sums is over */
        const float *added;   /* rows that the outputs are added to, or NULL */
        float *to;
        const float *weights; /* bias, then a row of LANES a number; so for each LANES outputs */
        int parts, depth, from_stride, stride;
    } layer_t;

    /* A layer for some lines, in registers of BYTES, that have room for the sums of ROWS. */
    #define DEFINE_LAYER(NAME, TARGET, BYTES, ROWS) \
    typedef float NAME##_t __attribute__((vector_size(BYTES))); \
    typedef int NAME##_mask_t __attribute__((vector_size(BYTES))); \
    typedef float NAME##_held_t __attribute__((vector_size(BYTES), aligned(4), may_alias)); \
    TARGET static inline __attribute__((always_inline)) void NAME##_rows( \
        const layer_t *layer, const float *weights, long row, int lane, const int rows) \
    { \
        enum { EACH = BYTES / sizeof(float), COUNT = LANES / EACH }; \
        const NAME##_t zero = {0}; \
        NAME##_t sums[ROWS][COUNT], bias[COUNT], weight[COUNT]; \
        for (int v = 0; v < COUNT; v++) { \
            bias[v] = *(const NAME##_held_t *)(weights + v * EACH); \
            for (int i = 0; i < rows; i++) sums[i][v] = zero; \
        } \
        for (int part = 0; part < layer->parts; part++) { \
            const float *from = layer->from[part] + row * layer->from_stride; \
            for (int k = 0; k < layer->depth; k++) { \
                weights += LANES; \
                for (int v = 0; v < COUNT; v++) \
                    weight[v] = *(const NAME##_held_t *)(weights + v * EACH); \
                for (int i = 0; i < rows; i++) \
                    for (int v = 0; v < COUNT; v++) \
                        sums[i][v] += weight[v] * from[i * layer->from_stride + k]; \
            } \
        } \
        for (int i = 0; i < rows; i++) \
            for (int v = 0; v < COUNT; v++) { \
                const long at = (row + i) * layer->stride + lane + v * EACH; \
                NAME##_t sum = sums[i][v] + bias[v]; \
                sum = (NAME##_t)((NAME##_mask_t)sum & (sum > zero)); \
                if (layer->added) sum += *(const NAME##_held_t *)(layer->added + at); \
                *(NAME##_held_t *)(layer->to + at) = sum; \
            } \
    } \
    TARGET static void NAME(const layer_t *layer, long rows) \
    { \
        for (long first = 0; first < rows; first += CHUNK) { \
            const long stop = first + CHUNK < rows ? first + CHUNK : rows; \
            const float *weights = layer->weights; \
            for (int lane = 0; lane < layer->stride; lane += LANES) { \
                long row = first; \
                for (; row + ROWS <= stop; row += ROWS) \
                    NAME##_rows(layer, weights, row, lane, ROWS); \
                for (; row + 2 <= stop; row += 2) NAME##_rows(layer, weights, row, lane, 2); \
                if (row < stop) NAME##_rows(layer, weights, row, lane, 1); \
                weights += LANES * (1 + layer->parts * layer->depth); \
            } \
        } \
    }

    DEFINE_LAYER(run_plain, , 16, 3)
    #if defined(__GNUC__) && defined(__x86_64__)
    #define BY_PROCESSOR 1
    DEFINE_LAYER(run_middle, __attribute__((target("avx2"))), 32, 6)
    DEFINE_LAYER(run_wide, __attribute__((target("avx512f"))), 64, 6)
    #endif

    static void run_layer(const layer_t *layer, long rows)
    {
    #ifdef BY_PROCESSOR
        if (__builtin_cpu_supports("avx512f")) { run_wide(layer, rows); return; }
        if (__builtin_cpu_supports("avx2")) { run_middle(layer, rows); return; }
    #endif
        run_plain(layer, rows);
    }

    /* What the last layer adds up for one line, of one layer's numbers. */
    static float weigh(const float *from, const float *weights, int stride)
    {
        float sums[LANES] = {0}, sum = 0;
        for (int lane = 0; lane < stride; lane += LANES)
            for (int i = 0; i < LANES; i++) sums[i] += from[lane + i] * weights[lane + i];
        for (int i = 0; i < LANES; i++) sum += sums[i];
        return sum;
    }
    """
    enum: LANES
    ctypedef struct layer_t:
        const float *from_ "from"[3]
        const float *added
        float *to
        const float *weights
        int parts, depth, from_stride, stride
    void run_layer(const layer_t *layer, long rows) noexcept nogil
    float weigh(const float *start, const float *weights, int stride) noexcept nogil

cdef enum:
    MOST_LAYERS = 16
    BLOCK = 512  # lines that are weighed at once: with those around they stay in a core's cache


cdef class Networks:
    """Weights as the sums take them: see ``layer_t``."""

    cdef void *held
    cdef float *weights
    cdef Py_ssize_t number, depth, width, stride, layers, each, reach, margin
    cdef Py_ssize_t dilations[MOST_LAYERS]

    def __cinit__(self, networks, dilations):
        cdef Py_ssize_t layer, at
        cdef float[::1] packed
        self.number, self.depth, self.width = networks.first.shape
        self.depth -= 1
        self.stride = (self.width + LANES - 1) // LANES * LANES
        self.layers = len(dilations)
        if self.layers > MOST_LAYERS:
            raise ValueError(f"at most {MOST_LAYERS} layers around a line")
        for layer in range(self.layers):
            self.dilations[layer] = dilations[layer]
        self.reach, self.margin = sum(dilations), max(dilations)
        parts = [_pack(networks, network, self.stride) for network in range(self.number)]
        self.each = len(parts[0])
        self.held = calloc(self.number * self.each + LANES, sizeof(float))
        if self.held is NULL:
            raise MemoryError
        self.weights = <float *>((<uintptr_t>self.held + 63) & ~<uintptr_t>63)
        for at, part in enumerate(parts):
            packed = part
            memcpy(self.weights + at * self.each, &packed[0], self.each * sizeof(float))

    def __dealloc__(self):
        free(self.held)

    def score(self, float[:, ::1] features):
        """The mean of what the networks say of each line: a list of numbers."""
        cdef Py_ssize_t size = features.shape[0], first, start, stop, end, network, row
        cdef Py_ssize_t room = min(size, BLOCK + 2 * self.reach)
        cdef Py_ssize_t state = (room + 2 * self.margin) * self.stride
        cdef float *held
        cdef float *sums
        if size == 0:
            return []
        if features.shape[1] != self.depth:
            raise ValueError(f"{features.shape[1]} features for networks of {self.depth}")
        held = <float *>calloc(2 * state + room * self.stride + room, sizeof(float))
        if held is NULL:
            raise MemoryError
        try:
            sums = held + 2 * state + room * self.stride
            found = []
            for first in range(0, size, BLOCK):
                stop = min(first + BLOCK, size)
                start, end = max(first - self.reach, 0), min(stop + self.reach, size)
                memset(sums, 0, room * sizeof(float))
                for network in range(self.number):
                    self.run(network, &features[start, 0], end - start, held, state, sums)
                for row in range(first - start, stop - start):
                    found.append(sums[row] / <float>self.number)
            return found
        finally:
            free(held)

    cdef void run(
        self, Py_ssize_t network, const float *features, Py_ssize_t rows, float *held,
        Py_ssize_t state, float *sums,
    ) noexcept nogil:
        """Add what one network says of some lines."""
        cdef layer_t layer
        cdef Py_ssize_t place, at, row, stride = self.stride
        cdef float *start = held + 2 * state
        cdef float *old = held + self.margin * stride  # nothing stands above the first line
        cdef float *new = old + state
        cdef const float *weights = self.weights + network * self.each
        layer.from_[0], layer.added, layer.to, layer.weights = features, NULL, start, weights
        layer.parts, layer.depth, layer.from_stride, layer.stride = 1, self.depth, self.depth, stride
        run_layer(&layer, rows)
        weights += (1 + self.depth) * stride
        memcpy(old, start, rows * stride * sizeof(float))
        layer.parts, layer.depth, layer.from_stride = 3, self.width, stride
        for place in range(self.layers):
            # Nor under the last: a block before may have been longer.
            memset(old + rows * stride, 0, self.margin * stride * sizeof(float))
            at = self.dilations[place] * stride
            layer.from_[0], layer.from_[1], layer.from_[2] = old - at, old, old + at
            layer.added, layer.to, layer.weights = old, new, weights
            run_layer(&layer, rows)
            weights += (1 + 3 * self.width) * stride
            old, new = new, old
        for row in range(rows):
            sums[row] += (
                weigh(start + row * stride, weights, stride)
                + weigh(old + row * stride, weights + stride, stride)
                + weights[2 * stride]
            )


def _pack(networks, network, stride):
    """One network's weights: bias and rows for each LANES numbers of each layer's output."""
    parts = []
    for layer in (networks.first[network], *(weights[network] for weights in networks.around)):
        wide = np.zeros((len(layer), stride), np.float32)
        wide[:, : layer.shape[1]] = np.roll(layer, 1, axis=0)
        parts += [wide[:, lane : lane + LANES].ravel() for lane in range(0, stride, LANES)]
    width = networks.first.shape[2]
    last = np.zeros((2, stride), np.float32)
    last[:, :width] = networks.last[network, :-1, 0].reshape(2, width)
    rest = np.zeros(LANES, np.float32)
    rest[0] = networks.last[network, -1, 0]
    return np.concatenate([*parts, last.ravel(), rest])
