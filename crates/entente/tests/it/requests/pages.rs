//! Requests on the pages.
