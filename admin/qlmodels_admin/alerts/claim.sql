-- Messages to try now; a process that ends before it notes what came of it leaves them to another.
update qlmodels_admin.alert_messages as message
   set attempts = message.attempts + 1,
       next_attempt_at = now() + cast(:claim as interval)
  from qlmodels_admin.alert_targets as target
 where target.name = message.target
   and message.message_id in (
       select due.message_id
         from qlmodels_admin.alert_messages as due
        where due.next_attempt_at <= now()
        order by due.next_attempt_at
        limit :most
          for update skip locked
       )
returning message.message_id, target.format, target.url, target.signing_secret, message.changes,
          message.created_at, message.attempts
