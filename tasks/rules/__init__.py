"""Rule packs (TOML) and their loader."""
