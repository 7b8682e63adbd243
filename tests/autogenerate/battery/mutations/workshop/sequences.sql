-- case: increment
alter sequence workshop.labels increment by 1;

-- case: bounds and cycle
alter sequence workshop.labels maxvalue 100000 cycle;

-- case: cache
alter sequence workshop.labels cache 1;

-- case: type
alter sequence workshop.labels as integer;

-- case: owned by a column
alter sequence workshop.labels owned by workshop.tools.label;

-- case: dropped
drop sequence workshop.labels;

-- case: appears
create sequence workshop.numbers;

-- case: unlogged
alter sequence workshop.labels set unlogged;

-- case: comment
comment on sequence workshop.labels is 'For stickers';
