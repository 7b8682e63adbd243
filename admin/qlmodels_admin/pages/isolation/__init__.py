"""The Isolation page: grants, policies, and which policy lets a row through."""
