"""The commands, one module an area: each adds its parsers, calls the library and prints what came of it."""
