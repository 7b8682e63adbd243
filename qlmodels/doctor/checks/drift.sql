select format('alter role %I createdb;', current_user)
