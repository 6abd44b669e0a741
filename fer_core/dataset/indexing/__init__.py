"""How an index is made: pictures read and measured in one parallel pass; `building.py` is the way in."""
