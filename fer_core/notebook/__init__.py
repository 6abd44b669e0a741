"""The notebook's side of the library: what its cells call, so that no logic stands in a cell; needs IPython."""
