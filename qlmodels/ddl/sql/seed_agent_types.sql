-- The fleet's agent types. One that exists already, an operator's edit of it included, stays as it is.
insert into public.agent_types (
    agent_type, display_name, description, state_space_dimensions, action_space_dimensions
)
values
    ('test-generator', 'Test Generator', 'Writes unit and integration tests', 15, 8),
    ('test-executor', 'Test Executor', 'Chooses, orders and runs tests', 10, 6),
    ('coverage-analyzer', 'Coverage Analyzer', 'Finds what no test reaches', 12, 5),
    ('quality-gate', 'Quality Gate', 'Decides whether a change may pass', 10, 4),
    ('quality-analyzer', 'Quality Analyzer', 'Measures the quality of code', 12, 6),
    ('performance-tester', 'Performance Tester', 'Puts systems under load and measures them', 14, 7),
    ('security-scanner', 'Security Scanner', 'Looks for vulnerabilities', 16, 8),
    ('requirements-validator', 'Requirements Validator', 'Checks requirements for gaps and contradictions', 10, 5),
    ('production-intelligence', 'Production Intelligence', 'Learns from incidents in production', 12, 6),
    ('fleet-commander', 'Fleet Commander', 'Assigns tasks to the other agents', 20, 10),
    ('deployment-readiness', 'Deployment Readiness', 'Judges whether a release is ready', 11, 5),
    ('regression-risk-analyzer', 'Regression Risk Analyzer', 'Estimates what a change may break', 13, 7),
    ('test-data-architect', 'Test Data Architect', 'Designs and generates test data', 12, 6),
    ('api-contract-validator', 'API Contract Validator', 'Checks services against their contracts', 14, 7),
    ('flaky-test-hunter', 'Flaky Test Hunter', 'Finds tests that fail at random', 11, 6),
    ('visual-tester', 'Visual Tester', 'Compares what screens look like', 13, 6),
    ('chaos-engineer', 'Chaos Engineer', 'Breaks things on purpose', 15, 8),
    ('code-complexity', 'Code Complexity', 'Finds code that is hard to change', 10, 5)
on conflict (agent_type) do nothing;
