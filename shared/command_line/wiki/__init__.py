"""Pages, of this wiki's store or of any wiki by its protocols."""
