"""The Policy page: states by actions, versions, comparison."""
