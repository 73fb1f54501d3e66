"""A believable desk to look at: people, customers and eight weeks of work, made by the same verbs that people use."""
