"""Makes the folder of this file importable, so that the tests find the package ``storefront``."""
