"""One form per act: what is asked, in which words, with which choices."""
