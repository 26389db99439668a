# Script: writes OUT, the translation unit that embeds every file below DIST as tidemark::embedded::web_app.
include("${MODULE}")
file(GLOB_RECURSE _files "${DIST}/*")
list(FILTER _files EXCLUDE REGEX "/\\.vite/|\\.map$")
tidemark_embed_text(web_app "${DIST}" _text ${_files})
file(WRITE "${OUT}" "${_text}")
