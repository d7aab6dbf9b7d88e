"""Search over the public text of pages: `words` cuts text into terms, `index` stores them, `finding` looks them up."""
