-- Sequencing wants the energy of every track at start, without reading the wide rows of moods.
CREATE INDEX track_energy ON track_moods (track_id, energy);
