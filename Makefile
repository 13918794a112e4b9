# Suara. `make help` lists the targets.

VERSION := 0.1.0
BUILD   ?= build
prefix  ?= /usr/local
sysconfdir ?= /etc
DESTDIR ?=
CC      ?= gcc
PYTHON  ?= /usr/bin/python3
CORES   := $(shell nproc)
JOBS    ?= $(shell expr 3 \* $(CORES))

# ---- what it needs -----------------------------------------------------------------------------

PACKAGES := libevent_core libevent_extra libevent_openssl libprotobuf-c libpq openssl sqlite3 inih \
            jansson smartcols libutf8proc libsystemd xlsxwriter libzstd
DEB_BUILD := gcc make pkg-config libevent-dev libprotobuf-c-dev protobuf-c-compiler \
             protobuf-compiler libpq-dev libssl-dev libsqlite3-dev libinih-dev libcsv-dev \
             libjansson-dev libsmartcols-dev libutf8proc-dev uthash-dev libsystemd-dev \
             libxlsxwriter-dev libzstd-dev
DEB_RUN   := postgresql openssl python3 python3-protobuf python3-psycopg2
DEB_CHECK := libcmocka-dev clang-format cppcheck shellcheck mandoc strace faketime \
             python3-pytest python3-pytest-xdist python3-zstandard chromium nftables iproute2
DEB_COVERAGE := gcovr
DEB_FUZZ  := clang llvm libclang-rt-dev libcmocka-dev dpkg-dev python3-zstandard

# ---- how it is compiled ------------------------------------------------------------------------

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wformat=2 \
        -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef -Wswitch-enum -Wnull-dereference
ifdef DEVELOPER
WARN += -Werror
endif
ifdef FUZZING
HARDEN := -g1 -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDHARDEN := -fsanitize=fuzzer,address,undefined
else ifdef SAN
HARDEN := -g1 -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDHARDEN := -fsanitize=address,undefined
# What tests do themselves need not be fast, and compiles in half the time.
$(BUILD)/obj/tests/%.o: HARDEN += -O0
else ifdef COV
HARDEN := -O0 --coverage
LDHARDEN := --coverage
else
HARDEN := -O2 -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fstack-clash-protection
LDHARDEN := -pie -Wl,-z,relro -Wl,-z,now -Wl,--as-needed
endif
SCHEMA   := $(shell ls sql/[0-9]*.sql 2>/dev/null | tail -n 1 | sed 's,^sql/0*\([0-9]*\)_.*,\1,')
SYSINC   := -isystem /usr/include/postgresql $(patsubst -I%,-isystem %,$(shell pkg-config --cflags-only-I $(PACKAGES) 2>/dev/null))
CPPFLAGS += -D_GNU_SOURCE -DSUARA_VERSION='"$(VERSION)"' -DSUARA_SCHEMA_VERSION=$(or $(SCHEMA),0) -I. -isystem $(BUILD)/gen \
            $(SYSINC) -include common/poison.h
CFLAGS   ?= -g
CFLAGS   += -std=c11 $(WARN) $(HARDEN)
LDFLAGS  += $(LDHARDEN)
LDLIBS   := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lcsv -lm

# ---- what it is made of: a folder is a floor, one archive each -----------------------------------

DAEMON_FLOORS := daemon/app daemon/net daemon/db common/net daemon/core common
CLIENT_FLOORS := client/cmd client/app client/net client/store common/net client/core common
FLOORS := $(sort $(DAEMON_FLOORS) $(CLIENT_FLOORS))

sources = $(wildcard $(1)/*.c)
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(call sources,$(1)))
archive = $(BUILD)/lib/$(subst /,-,$(1)).a
GEN := $(BUILD)/gen/proto/suara.pb-c

.PHONY: all help deps demo check tests unit coverage covered system asan lint chaos bench bench-more \
        bench-large format install uninstall clean
.DELETE_ON_ERROR:

all: $(BUILD)/suarad $(BUILD)/suara ## build both programs (the default)

$(BUILD)/suarad: $(BUILD)/obj/daemon/main.o $(foreach f,$(DAEMON_FLOORS),$(call archive,$(f)))
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/suara: $(BUILD)/obj/client/main.o $(foreach f,$(CLIENT_FLOORS),$(call archive,$(f)))
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

define FLOOR
$(call archive,$(1)): $(call objects,$(1)) $(if $(filter common,$(1)),$(GEN).o)
	$$(Q)mkdir -p $$(@D) && rm -f $$@ && ar rcs $$@ $$^
endef
$(foreach f,$(FLOORS),$(eval $(call FLOOR,$(f))))

$(BUILD)/obj/%.o: %.c $(GEN).h
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Headers of libxlsxwriter call what is poisoned here: they come before that.
$(BUILD)/obj/client/store/workbook.o: CPPFLAGS := -include xlsxwriter.h $(CPPFLAGS)

# It knows the schema's number, which is that of the last file.
$(BUILD)/obj/daemon/db/reader_directory.o: $(wildcard sql/*.sql)

$(GEN).c $(GEN).h &: proto/suara.proto
	$(Q)mkdir -p $(BUILD)/gen && protoc-c --c_out=$(BUILD)/gen $<

$(GEN).o: $(GEN).c
	$(Q)$(CC) -D_GNU_SOURCE -isystem $(BUILD)/gen $(filter-out $(WARN),$(CFLAGS)) -c -o $@ $<

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# ---- unit tests: tests/ mirrors the tree ---------------------------------------------------------

# Linked many times and run once: by the quick linker, where there is one.
LDTEST := $(if $(shell command -v ld.gold),-fuse-ld=gold)

UNIT := $(patsubst %.c,$(BUILD)/%,$(shell find tests/common tests/daemon tests/client -name 'test_*.c' 2>/dev/null))

FUZZ   := $(patsubst tests/fuzz/%.c,%,$(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c)))
REPLAY := $(FUZZ:%=$(BUILD)/tests/fuzz/replay-%)
FUZZER := $(FUZZ:%=$(BUILD)/fuzz-%)
fuzz_floors = $(if $(filter $(FUZZ_CLIENT),$(1)),$(CLIENT_FLOORS),$(DAEMON_FLOORS))
FUZZ_CLIENT := csv plan reply

unit: $(UNIT) $(REPLAY) ## run the unit tests, and the fuzzers on their corpora
	@tests/run-unit $^

# The floors without descriptors and events are measured by their own unit tests alone.
COVERED := common daemon/core client/core
COVERED_UNIT := $(filter $(foreach f,$(COVERED),$(patsubst %.c,$(BUILD)/%,$(wildcard tests/$(f)/test_*.c))),$(UNIT))

coverage: deps ## branches that unit tests take, at least 90 % of each folder that decides
	@tests/deps $(DEB_COVERAGE)
	@$(MAKE_HERE) COV=1 BUILD=build/coverage DAEMON_FLOORS='daemon/core common' \
	    CLIENT_FLOORS='client/core common' -j$(CORES) covered

covered: $(COVERED_UNIT)
	@find $(BUILD)/obj -name '*.gcda' -delete
	@tests/run-unit $^
	@tests/coverage $(BUILD) $(COVERED)

unit_floors = $(if $(filter tests/client/%,$(1)),$(CLIENT_FLOORS),$(DAEMON_FLOORS))
.SECONDEXPANSION:
RATE := $(BUILD)/tests/daemon/db/rate
$(UNIT) $(RATE): $(BUILD)/%: $(BUILD)/obj/%.o $$(foreach f,$$(call unit_floors,$$*),$$(call archive,$$(f)))
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) $(LDTEST) -o $@ $^ $(LDLIBS) -lcmocka

# ---- fuzz targets: a file each; linked to replay their corpus, or (make fuzz) with libFuzzer -------

# What stands in tests/fuzz/edge*.h is linked in place of what these would call.
$(foreach t,session reply,$(BUILD)/tests/fuzz/replay-$(t) $(BUILD)/fuzz-$(t)): LDFLAGS += -Wl,-z,muldefs

$(REPLAY): $(BUILD)/tests/fuzz/replay-%: $(BUILD)/obj/tests/fuzz/%.o $(BUILD)/obj/tests/fuzz/replay.o \
                                         $$(foreach f,$$(call fuzz_floors,$$*),$$(call archive,$$(f)))
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) $(LDTEST) -o $@ $^ $(LDLIBS) -lcmocka

# protobuf-c from its source, for its branches to guide the fuzzer too; tests/fuzz/protobuf-c gets it.
# It shifts and copies nothing from NULL in ways that C leaves open and compilers do not: that is theirs.
PROTOBUF_C := $(BUILD)/obj/protobuf-c.o
$(PROTOBUF_C): $(BUILD)/protobuf-c/protobuf-c.c
	$(Q)mkdir -p $(@D) && $(CC) -D_GNU_SOURCE $(filter-out $(WARN),$(CFLAGS)) -fno-sanitize=undefined -c -o $@ $<

$(FUZZER): $(BUILD)/fuzz-%: $(BUILD)/obj/tests/fuzz/%.o $(PROTOBUF_C) \
                            $$(foreach f,$$(call fuzz_floors,$$*),$$(call archive,$$(f)))
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

# ---- what only measures ---------------------------------------------------------------------------

BENCH := $(BUILD)/tests/bench/load $(BUILD)/tests/bench/counter.so

$(BUILD)/tests/bench/load: $(BUILD)/obj/tests/bench/load.o $(foreach f,$(CLIENT_FLOORS),$(call archive,$(f)))
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Without the flags of a program: it must call nothing but what it stands before.
$(BUILD)/tests/bench/counter.so: tests/bench/counter.c
	$(Q)mkdir -p $(@D) && $(CC) $(CPPFLAGS) -std=c11 $(WARN) -O2 -fPIC -shared -o $@ $<

# ---- targets ------------------------------------------------------------------------------------

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "  make %-11s %s\n", $$1, $$2}'

deps: ## install the Debian packages it needs that are missing
	@tests/deps $(DEB_BUILD) $(DEB_RUN) $(DEB_CHECK)

# What needs the packages runs in a make of its own, which then finds them.
MAKE_HERE = $(MAKE) --no-print-directory

demo: deps ## show the main job on real components, with made-up data
	@$(MAKE_HERE) -j$(CORES) all
	@SUARA_BUILD=$(BUILD) tests/demo/run

check: deps ## all tests: lint, unit and system, then unit and system under ASan and UBSan
	@$(MAKE_HERE) DEVELOPER=1 -j$(CORES) tests
	@$(MAKE_HERE) DEVELOPER=1 lint
	@$(MAKE_HERE) DEVELOPER=1 unit
	@$(MAKE_HERE) DEVELOPER=1 system
	@$(MAKE_HERE) DEVELOPER=1 asan
	@echo "make check: all passed"

tests: all $(UNIT) $(REPLAY) $(BENCH) ## build the unit tests

# JOBS at a time: they wait for deadlines and for each other's disk more than they compute.
system: all $(BENCH) ## run the system tests
	@SUARA_BUILD=$(abspath $(BUILD)) $(PYTHON) -m pytest -q -p no:cacheprovider -n $(JOBS) \
	    --dist loadfile $(PYTEST) tests/system

# Scripts and SQL have nothing to sanitize; the long recounts of reports go the way of the shorter
# ones that stay. Templates of databases and CAs are those of the first run.
asan: export SUARA_SHELF = $(abspath build)
asan: ## build with ASan and UBSan into build/asan and run unit and system tests there
	@$(MAKE_HERE) SAN=1 BUILD=build/asan -j$(CORES) tests
	@$(MAKE_HERE) SAN=1 BUILD=build/asan unit
	@$(MAKE_HERE) SAN=1 BUILD=build/asan system \
	    PYTEST='-m "not slow" $(foreach t,ca sql hidden_cells report_property,--ignore-glob=*test_$(t)*)'

FOR ?= 60
fuzz: ## fuzz what reads strangers' bytes, each target FOR=60 seconds (ONLY=name)
	@tests/deps $(DEB_BUILD) $(DEB_RUN) $(DEB_FUZZ)
	@tests/fuzz/protobuf-c build/fuzz/protobuf-c
	@SUARA_BUILD=build/fuzz $(PYTHON) tests/fuzz/seeds.py build/fuzz
	@$(MAKE_HERE) FUZZING=1 CC=clang BUILD=build/fuzz -j$(CORES) fuzzers
	@$(PYTHON) tests/fuzz/run.py --build build/fuzz --seconds $(FOR) $(if $(ONLY),--only $(ONLY))

.PHONY: fuzz fuzzers
fuzzers: $(FUZZER)

lint: all ## floors, headers, format, cppcheck, shellcheck, manual pages
	@BUILD=$(BUILD) CC="$(CC)" CPPFLAGS='$(subst ','\'',$(CPPFLAGS))' tests/lint

chaos: deps ## rounds of random faults under load, nothing may be lost: [SEED=n] [ROUNDS=n] [FAULTS=a,b+c]
	@$(MAKE_HERE) -j$(CORES) all
	@SUARA_BUILD=$(abspath $(BUILD)) tests/chaos/run $(if $(SEED),--seed $(SEED)) \
	    $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(FAULTS),--faults $(FAULTS))

bench: deps ## measure ingest beside the database itself, in at most 10 minutes [ONLY=letters]
	@$(MAKE_HERE) -j$(CORES) all $(BENCH)
	@SUARA_BUILD=$(BUILD) tests/bench/run $(if $(ONLY),--only $(ONLY))

bench-more: deps ## measure groups, offices and daemons, idle and slow callers, reports by what is stored
	@$(MAKE_HERE) -j$(CORES) all $(RATE)
	@$(RATE)
	@SUARA_BUILD=$(BUILD) tests/bench/scale
	@SUARA_BUILD=$(BUILD) tests/bench/crowd
	@SUARA_BUILD=$(BUILD) tests/bench/reports

LARGE ?= 1000000 100000000
bench-large: deps ## reports and bulk with 100 million responses stored, too (80 GB of disk, half an hour) [LARGE="n .."]
	@$(MAKE_HERE) -j$(CORES) all
	@SUARA_BUILD=$(BUILD) tests/bench/reports --rows $(LARGE) --bulk 1000000 --nation 0 --no-plain

format: ## put every C file into the form of .clang-format
	@clang-format -i $$(git ls-files '*.c' '*.h')

PAGES := $(wildcard docs/*.[1-8])
UNITS := suarad.service suarad.socket suara-sync.service suara-sync.timer suara-crl.service suara-crl.timer
lib = $(DESTDIR)$(prefix)/lib
man = $(DESTDIR)$(prefix)/share/man

install: all ## install below $(DESTDIR)$(prefix), units and configuration included
	install -d $(DESTDIR)$(prefix)/sbin $(DESTDIR)$(prefix)/bin $(DESTDIR)$(prefix)/share/suara/sql
	install -m 755 $(BUILD)/suarad $(DESTDIR)$(prefix)/sbin/
	install -m 755 $(BUILD)/suara $(DESTDIR)$(prefix)/bin/
	install -m 755 client/suara-ca sql/suara-migrate $(DESTDIR)$(prefix)/sbin/
	install -m 644 sql/*.sql $(DESTDIR)$(prefix)/share/suara/sql/
	install -m 644 client/suara-ca-root $(DESTDIR)$(prefix)/share/suara/
	for page in $(PAGES); do \
	    install -D -m 644 $$page $(man)/man$${page##*.}/$${page##*/} || exit 1; done
	install -d $(lib)/systemd/system $(lib)/sysusers.d $(lib)/tmpfiles.d
	for unit in $(UNITS); do \
	    sed 's,@sbindir@,$(prefix)/sbin,g;s,@bindir@,$(prefix)/bin,g' systemd/$$unit \
	        >$(lib)/systemd/system/$$unit || exit 1; done
	install -m 644 systemd/suara.sysusers $(lib)/sysusers.d/suara.conf
	install -m 644 systemd/suara.tmpfiles $(lib)/tmpfiles.d/suara.conf
	[ -e $(DESTDIR)$(sysconfdir)/suara/suarad.conf ] || \
	    install -D -m 640 systemd/suarad.conf.example $(DESTDIR)$(sysconfdir)/suara/suarad.conf

uninstall: ## remove what install put there, but configuration and data
	rm -f $(addprefix $(DESTDIR)$(prefix)/,sbin/suarad bin/suara sbin/suara-ca sbin/suara-migrate)
	rm -rf $(DESTDIR)$(prefix)/share/suara
	rm -f $(foreach page,$(PAGES),$(man)/man$(patsubst .%,%,$(suffix $(page)))/$(notdir $(page)))
	rm -f $(addprefix $(lib)/systemd/system/,$(UNITS)) $(lib)/sysusers.d/suara.conf $(lib)/tmpfiles.d/suara.conf

clean: ## remove the build folder
	rm -rf build

Q := @
