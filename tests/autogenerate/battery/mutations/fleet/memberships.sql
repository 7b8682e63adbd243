-- case: agents are the panel
grant qlmodels_panel to qlmodels_agent;
-- afterwards
revoke qlmodels_panel from qlmodels_agent;

-- case: agents are the definer
grant qlmodels_definer to qlmodels_agent;
-- afterwards
revoke qlmodels_definer from qlmodels_agent;

-- case: with the right to pass it on
grant qlmodels_fleet to qlmodels_panel with admin option;
-- afterwards
revoke qlmodels_fleet from qlmodels_panel;

-- case: the login's own
revoke qlmodels_definer from current_user;
-- afterwards
grant qlmodels_definer to current_user;
