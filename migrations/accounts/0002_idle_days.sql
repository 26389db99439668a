-- The policy says how long an unused sign-in lasts.
UPDATE settings SET value = json_set(value, '$.idle_days', 14) WHERE key = 'policy';
