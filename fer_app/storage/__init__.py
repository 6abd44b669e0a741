"""Storage on a page: an address, what is here and there, and the job that moves it."""
