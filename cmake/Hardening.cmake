# What makes a memory error in the binary that ships harder to use. The sanitizers' builds do without: they find more, and
# fortified calls would go around them. tests/api/hardening.test.mjs reads from the binary whether it is so.
if(TIDEMARK_HARDEN)
  # Not -fcf-protection: the marks it leaves count only where every object has them, and Debian's static libraries have none.
  # The linker makes the stack not executable and relocations read-only by itself; both are named so that they stay.
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fPIE)
  add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
