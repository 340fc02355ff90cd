"""From an answer to what is shown: `formats` is the way in."""
