target_link_libraries(${module} PUBLIC Threads::Threads)
# The cold import is this code: worth what -O3 adds to its size.
target_compile_options(${module} PRIVATE $<$<CONFIG:Release>:-O3>)
