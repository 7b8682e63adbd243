"""The Database page: health, growth, expiry, slow statements."""
