"""The pages of the reference, written from the code: a module a page."""
