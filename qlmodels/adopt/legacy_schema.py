"""The original's seven tables, as its SQL file and its Alembic revision both make them."""

from collections.abc import Mapping

_NAME50 = "character varying(50)"
_NAME100 = "character varying(100)"
_NAME200 = "character varying(200)"
_STATUS = "character varying(20)"
_HASH = "character varying(64)"
_TIME = "timestamp with time zone"
_RATE = "numeric(5,4)"
_REWARD = "numeric(12,4)"

LEGACY_TABLES: Mapping[str, Mapping[str, str]] = {
    "agent_types": {
        "agent_type": _NAME50,
        "display_name": _NAME100,
        "description": "text",
        "state_space_dimensions": "integer",
        "action_space_dimensions": "integer",
        "learning_rate": _RATE,
        "discount_factor": _RATE,
        "exploration_rate": _RATE,
        "min_exploration_rate": _RATE,
        "exploration_decay": "numeric(6,5)",
        "is_active": "boolean",
        "created_at": _TIME,
        "updated_at": _TIME,
        "metadata": "jsonb",
    },
    "sessions": {
        "session_id": "uuid",
        "agent_type": _NAME50,
        "session_name": _NAME200,
        "start_time": _TIME,
        "end_time": _TIME,
        "status": _STATUS,
        "task_count": "integer",
        "total_reward": _REWARD,
        "environment": _NAME50,
        "metadata": "jsonb",
        "created_at": _TIME,
        "updated_at": _TIME,
    },
    "trajectories": {
        "trajectory_id": "uuid",
        "agent_type": _NAME50,
        "session_id": "uuid",
        "task_id": _NAME100,
        "initial_state": "jsonb",
        "final_state": "jsonb",
        "actions_taken": "jsonb",
        "states_visited": "jsonb",
        "step_rewards": "jsonb",
        "total_reward": _REWARD,
        "discounted_reward": _REWARD,
        "execution_time_ms": "integer",
        "success": "boolean",
        "error_message": "text",
        "started_at": _TIME,
        "completed_at": _TIME,
        "expires_at": _TIME,
        "metadata": "jsonb",
    },
    "q_values": {
        "q_value_id": "bigint",
        "agent_type": _NAME50,
        "session_id": "uuid",
        "state_hash": _HASH,
        "state_data": "jsonb",
        "action_hash": _HASH,
        "action_data": "jsonb",
        "q_value": "numeric(12,6)",
        "visit_count": "integer",
        "last_updated": _TIME,
        "confidence_score": _RATE,
        "uncertainty": _RATE,
        "created_at": _TIME,
        "expires_at": _TIME,
        "metadata": "jsonb",
    },
    "rewards": {
        "reward_id": "bigint",
        "agent_type": _NAME50,
        "session_id": "uuid",
        "trajectory_id": "uuid",
        "state_hash": _HASH,
        "action_hash": _HASH,
        "reward_value": _REWARD,
        "reward_type": _NAME50,
        "reward_source": _NAME100,
        "observed_at": _TIME,
        "metadata": "jsonb",
    },
    "patterns": {
        "pattern_id": "uuid",
        "agent_type": _NAME50,
        "pattern_name": _NAME200,
        "pattern_type": _NAME50,
        "pattern_category": _NAME50,
        "pattern_data": "jsonb",
        "trigger_conditions": "jsonb",
        "expected_outcome": "jsonb",
        "usage_count": "integer",
        "success_count": "integer",
        "failure_count": "integer",
        "avg_reward": _REWARD,
        "confidence_score": _RATE,
        "first_seen": _TIME,
        "last_used": _TIME,
        "expires_at": _TIME,
        "version": "integer",
        "parent_pattern_id": "uuid",
        "metadata": "jsonb",
    },
    "agent_states": {
        "state_id": "uuid",
        "agent_type": _NAME50,
        "agent_instance_id": _NAME100,
        "total_tasks": "integer",
        "successful_tasks": "integer",
        "failed_tasks": "integer",
        "total_reward": _REWARD,
        "avg_reward": _REWARD,
        "current_exploration_rate": _RATE,
        "current_learning_rate": _RATE,
        "success_rate": _RATE,
        "patterns_learned": "integer",
        "q_values_stored": "integer",
        "status": _STATUS,
        "last_activity": _TIME,
        "initialized_at": _TIME,
        "updated_at": _TIME,
        "metadata": "jsonb",
    },
}
"""Types by column, and the tables in an order in which each refers to earlier ones alone.

The first column of a table is its primary key.
"""

LEGACY_VIEWS = ("agent_performance_summary", "pattern_effectiveness")
LEGACY_REVISION = "001_qlearning_initial"
"""The Alembic revision's identity, in public.alembic_version."""
