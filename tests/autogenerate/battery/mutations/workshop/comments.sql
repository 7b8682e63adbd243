-- case: of a function, changed
comment on function workshop.discounted(numeric, numeric) is 'Cheaper';

-- case: of an exclude constraint
comment on constraint loans_once on workshop.loans is 'One at a time';

-- case: of a domain's constraint
comment on constraint price_not_negative on domain workshop.price is 'Nobody pays you';

-- case: of a materialised view's index
comment on index workshop.tool_totals_kind is 'For refreshing concurrently';

-- case: of the index behind a key
comment on index workshop.tools_pk is 'Never clustered on';

-- case: of the sequence behind an identity
comment on sequence workshop.makers_maker_id_seq is 'In steps of two';

-- case: of a materialised view's column
comment on column workshop.tool_totals.tools is 'How many';

-- case: of a role
comment on role workshop_reader is 'May look';
-- afterwards
comment on role workshop_reader is null;

-- case: of a not-null constraint
-- from: 18
comment on constraint tools_name_not_null on workshop.tools is 'Everything has a name';
