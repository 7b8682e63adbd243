-- case: of a function, changed
comment on function workshop.discounted(numeric, numeric) is 'Cheaper';

-- case: of an exclude constraint
comment on constraint loans_once on workshop.loans is 'One at a time';

-- case: of a domain's constraint
comment on constraint price_not_negative on domain workshop.price is 'Nobody pays you';

-- case: of a materialised view's index
comment on index workshop.tool_totals_kind is 'For refreshing concurrently';
