-- case: another condition
create or replace trigger check_tool before insert or update of weight, name on workshop.tools
    for each row when (new.weight > 0) execute function workshop.check_tool();

-- case: fewer columns
create or replace trigger check_tool before insert or update of weight on workshop.tools
    for each row when (new.weight is not null) execute function workshop.check_tool();

-- case: for each row
create or replace trigger note_loan after insert on workshop.loans
    for each row execute function workshop.note_loan();

-- case: another function
create or replace trigger note_loan after insert on workshop.loans
    for each statement execute function workshop.check_tool();

-- case: transition table
drop trigger note_loan on workshop.loans;
create trigger note_loan after insert on workshop.loans referencing new table as added
    for each statement execute function workshop.note_loan();

-- case: constraint trigger
drop trigger note_loan on workshop.loans;
create constraint trigger note_loan after insert on workshop.loans deferrable initially deferred
    for each row execute function workshop.note_loan();

-- case: all triggers of a table are disabled
alter table workshop.tools disable trigger user;
