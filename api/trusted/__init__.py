"""Documents that front ends have published as theirs: asked for by their id, and on demand the only ones answered."""
