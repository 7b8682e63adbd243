select found.pattern_id, found.pattern_name, found.version, found.pattern_type,
       found.pattern_category, found.pattern_data::text, found.trigger_conditions::text,
       found.expected_outcome::text, found.usage_count, found.success_count, found.avg_reward,
       found.confidence_score
  from public.match_patterns($1, $2::text::jsonb, $3) as found
