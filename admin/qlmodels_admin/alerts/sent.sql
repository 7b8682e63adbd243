-- The target has accepted the message.
update qlmodels_admin.alert_messages
   set sent_at = now(),
       next_attempt_at = null,
       last_error = null
 where message_id = :message_id
