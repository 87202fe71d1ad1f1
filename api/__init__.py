"""The composition root: settings, HTTP, page, scheduler, reports, command line."""
