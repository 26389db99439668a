# Puts files into the binary, byte for byte: the assembler's .incbin does it, there are no hex arrays to compile.

# tidemark_embed_text(<symbol> <base> <variable> <file>...): the C++ text that defines
#   const tidemark::base::EmbeddedFiles tidemark::embedded::<symbol>
# with one {path relative to <base>, bytes} a file.
function(tidemark_embed_text symbol base variable)
  set(_asm "")
  set(_decl "")
  set(_rows "")
  set(_i 0)
  set(_files ${ARGN})
  list(SORT _files)
  foreach(_file IN LISTS _files)
    file(RELATIVE_PATH _rel "${base}" "${_file}")
    set(_s "tidemark_embed_${symbol}_${_i}")
    string(APPEND _asm "__asm__(\".section .rodata\\n.balign 16\\n${_s}:\\n.incbin \\\"${_file}\\\"\\n${_s}_end:\\n.byte 0\\n.previous\\n\");\n")
    string(APPEND _decl "extern \"C\" const char ${_s}[] __asm__(\"${_s}\");\nextern \"C\" const char ${_s}_end[] __asm__(\"${_s}_end\");\n")
    string(APPEND _rows "    {\"${_rel}\", std::string_view(${_s}, static_cast<std::size_t>(${_s}_end - ${_s}))},\n")
    math(EXPR _i "${_i}+1")
  endforeach()
  set(${variable} "#include \"foundation/base/embedded.hpp\"\n${_asm}${_decl}namespace tidemark::embedded {\nextern const base::EmbeddedFiles ${symbol};\nconst base::EmbeddedFiles ${symbol} = {\n${_rows}};\n}\n" PARENT_SCOPE)
endfunction()

# tidemark_embed(<target> <symbol> FILES <file>... BASE <dir>): embeds files that are known when configuring.
function(tidemark_embed target symbol)
  cmake_parse_arguments(ARG "" "BASE" "FILES" ${ARGN})
  tidemark_embed_text(${symbol} "${ARG_BASE}" _text ${ARG_FILES})
  set(_cpp "${CMAKE_CURRENT_BINARY_DIR}/embed_${symbol}.cpp")
  file(CONFIGURE OUTPUT "${_cpp}" CONTENT "${_text}" @ONLY)
  set_source_files_properties("${_cpp}" PROPERTIES OBJECT_DEPENDS "${ARG_FILES}")
  target_sources(${target} PRIVATE "${_cpp}")
endfunction()
