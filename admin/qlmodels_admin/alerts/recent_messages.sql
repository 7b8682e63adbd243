-- The newest messages to alert targets, and what came of each.
select message.message_id, message.target, message.created_at, message.attempts, message.sent_at,
       message.next_attempt_at, message.last_error,
       (
           select pg_catalog.string_agg(
                      (change ->> 'agent_type') || ': ' || (change ->> 'change'), ', '
                  )
             from pg_catalog.jsonb_array_elements(message.changes) as change
       ) as said,
       case
           when message.sent_at is not null then 'sent'
           when message.next_attempt_at is not null then 'waiting'
           else 'failed'
       end as status
  from qlmodels_admin.alert_messages as message
 order by message.created_at desc, message.message_id
 limit :most
