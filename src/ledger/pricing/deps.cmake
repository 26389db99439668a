tidemark_embed(${module} price_book FILES "${_dir}/prices.toml" BASE "${_dir}")
