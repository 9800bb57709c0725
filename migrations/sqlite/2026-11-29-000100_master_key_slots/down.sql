DROP TABLE master_key_slots;
