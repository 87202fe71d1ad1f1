"""The page: what it says (one module a subject, each a pure reading of one view), its templates, style sheet and script."""
