"""One block of pairs: how it is compared, written, read and summarised."""
