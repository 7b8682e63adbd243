insert into public.agent_types (
    agent_type, display_name, description, environment, learning_rate, learning_rate_decay,
    min_learning_rate, discount_factor, exploration_rate, min_exploration_rate, initial_q_value,
    state_space_dimensions, action_space_dimensions
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (agent_type) do nothing
