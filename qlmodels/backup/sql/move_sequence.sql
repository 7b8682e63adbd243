select pg_catalog.setval(
    pg_catalog.pg_get_serial_sequence(pg_catalog.format('%I.%I', $1::text, $2::text), $3::text)::regclass,
    $4::bigint
)
