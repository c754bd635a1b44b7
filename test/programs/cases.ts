/**
 * What the program tests run: Debian 12's programs, each with its arguments, input and files.
 *
 * Cases say nothing about the expected output: an oracle prints it (see `runners.ts`).
 */
export interface Case {
  /** Unique; begins with the program's Debian name. */
  readonly name: string;
  /** Name of a program in the sysroot's usr/bin, then its arguments. */
  readonly argv: readonly string[];
  readonly stdin?: string;
  /** Files in the directory where the program starts. */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * Who says what is right. `qemu`: qemu-s390x, which cannot start child programs. `twin`: the same
   * programs built for amd64, run natively; for cases that start children and print nothing that
   * depends on the architecture.
   */
  readonly oracle: 'qemu' | 'twin';
  /** Short enough to be tested with the interpreter too. */
  readonly light?: true;
}

/** Lines that look like a log: repeatable, with repeated words and numbers in them. */
function log(lines: number): string {
  const words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta'];
  let seed = 12345;
  let text = '';
  for (let i = 0; i < lines; i++) {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    const word = words[(seed >>> 16) & 7];
    text += `${i} ${word} ${seed % 1000} user${(seed >>> 8) % 40}@example.org\n`;
  }
  return text;
}

const LOG = { 'log.txt': log(600) };
const LONG_LOG = { 'log.txt': log(6000) };

const shell = (lines: string) => ['busybox', 'sh', '-c', lines];

const BUSYBOX: readonly Case[] = [
  {
    name: 'busybox echo',
    argv: ['busybox', 'echo', 'one', 'two'],
    oracle: 'qemu',
    light: true,
  },
  {
    name: 'busybox sh with pipelines',
    argv: shell(
      'for i in 1 2 3; do echo "$i $((i * i))"; done | sort -r | head -n 2\n' +
        'cut -d " " -f 2 log.txt | sort | uniq -c | sort -rn\n' +
        'seq 1 50 | while read n; do [ $((n % 7)) = 0 ] && echo "$n"; done | tr "\\n" ,; echo\n' +
        'false | true; echo $?; (exit 3); echo $?; f() { return 4; }; f || echo $?',
    ),
    files: LOG,
    oracle: 'twin',
  },
  {
    name: 'busybox sh with redirections and traps',
    argv: shell(
      'trap "echo bye" EXIT; set -- a "b c" d; for x in "$@"; do echo "<$x>"; done >out; cat out\n' +
        'cat <<END | tr a-z A-Z\nhere $((6 * 7))\nEND\n' +
        'x=$(cat out | wc -l); echo "lines $x"; sleep 0 & wait $!; echo $?\n' +
        'kill -TERM $$ & trap "echo term; exit 5" TERM; wait; sleep 1',
    ),
    oracle: 'twin',
  },
  {
    name: 'busybox awk',
    argv: [
      'busybox',
      'awk',
      '{ n[$2] += $3; split($4, part, "@"); u[part[1]]++ }' +
        'END { for (w in n) s += n[w] * length(w); for (x in u) m += u[x] * u[x];' +
        'printf "%d %d %.6f %s\\n", s, m, s / 7, toupper(substr("abcdef", 2, 3)) }',
      'log.txt',
    ],
    files: LOG,
    oracle: 'qemu',
  },
  {
    name: 'busybox sed',
    argv: [
      'busybox',
      'sed',
      '-n',
      '-e',
      's/\\([a-z]*\\)@example/[\\1]/gp',
      '-e',
      '/beta/{N;s/\\n/ + /;P}',
      'log.txt',
    ],
    files: { 'log.txt': log(120) },
    oracle: 'qemu',
  },
  {
    name: 'busybox sort',
    argv: ['busybox', 'sort', '-k', '3,3n', '-k', '2,2r', 'log.txt'],
    files: LOG,
    oracle: 'qemu',
  },
  {
    name: 'busybox gzip and gunzip',
    argv: shell('gzip -c log.txt >z; gunzip -c z | cmp - log.txt && gunzip -c z | tail -n 2'),
    files: LONG_LOG,
    oracle: 'twin',
  },
  {
    name: 'busybox sha256sum',
    argv: ['busybox', 'sha256sum', 'log.txt', '-'],
    files: LONG_LOG,
    stdin: 'abc',
    oracle: 'qemu',
    light: true,
  },
  {
    name: 'busybox md5sum',
    argv: ['busybox', 'md5sum', 'log.txt'],
    files: LONG_LOG,
    oracle: 'qemu',
  },
  {
    name: 'busybox find',
    argv: shell(
      'mkdir -p a/b/c; touch a/1.c a/b/2.c a/b/c/3.h; ln -s b a/l\n' +
        'find a -type f -name "*.c" | sort; find a -type l -exec echo link {} \\;\n' +
        'find a -depth | sort | xargs -n 3 echo',
    ),
    oracle: 'twin',
  },
  {
    name: 'busybox tar',
    argv: shell(
      'mkdir d; cp log.txt d/x; echo small >d/y; chmod 640 d/y; tar -cf t.tar d; tar -tf t.tar | sort\n' +
        'mkdir e; tar -xf t.tar -C e; cmp e/d/x log.txt && cat e/d/y; ls -l e/d | cut -c 1-10',
    ),
    files: LOG,
    oracle: 'twin',
  },
  {
    name: 'busybox bc',
    argv: ['busybox', 'bc', '-l'],
    stdin:
      'scale=40\n4*a(1)\ne(1)\n2^200\nsqrt(2)\ndefine f(n){if(n<2)return n;return f(n-1)+f(n-2)}\nf(11)\n',
    oracle: 'qemu',
    light: true,
  },
];

const SHELL: readonly Case[] = [
  {
    name: 'bash without children',
    argv: [
      'bash',
      '-c',
      'declare -A n; while read -r _ word value _; do ((n[$word] += value)); done <log.txt\n' +
        'for w in alpha beta gamma; do printf "%-8s %6d\\n" "$w" "${n[$w]}"; done\n' +
        's=abcabc; echo "${s//b/X} ${s^^} ${#s} ${s: -2}"; [[ a1b2 =~ ([0-9]).([0-9]) ]] && echo "${BASH_REMATCH[*]}"\n' +
        'a=(5 3 9); a+=(7); echo "${a[@]:1:2} ${#a[@]}"; printf -v x "%05.1f" 3.14; echo "$x"; exit 7',
    ],
    files: { 'log.txt': log(60) },
    oracle: 'qemu',
  },
  {
    name: 'bash with pipelines and job control',
    argv: [
      'bash',
      '-c',
      'set -o pipefail; seq 1 20 | sort -n -r | head -n 3; grep beta log.txt | diff - log.txt | tail -n 1\n' +
        'grep -c beta log.txt | tee count | wc -c; (sleep 0; exit 9) & wait $!; echo "status $?"\n' +
        'trap "echo got USR1" USR1; kill -USR1 $$; x=$(echo sub | tr s S); echo "$x"; false | cat; echo $?',
    ],
    files: { 'log.txt': log(60) },
    oracle: 'twin',
  },
  {
    name: 'coreutils sort and uniq',
    argv: ['sort', '-t', ' ', '-k', '2,2', '-k', '3,3nr', 'log.txt'],
    files: LOG,
    oracle: 'qemu',
  },
  {
    name: 'coreutils factor',
    argv: ['factor', '1234567890123456789', '18446744073709551557', '170141183460469231731'],
    oracle: 'qemu',
  },
  {
    name: 'coreutils od',
    argv: ['od', '-A', 'x', '-t', 'x2f4dz', '-N', '200', 'log.txt'],
    files: LOG,
    oracle: 'qemu',
    light: true,
  },
  {
    name: 'coreutils date',
    argv: ['date', '-u', '-d', '2024-02-29 12:34:56 +1 year', '+%F %T %j %G-W%V-%u %s %A'],
    oracle: 'qemu',
  },
  {
    name: 'coreutils seq in floating point',
    argv: ['seq', '-f', '%.12g', '0', '0.37', '9'],
    oracle: 'qemu',
  },
  {
    name: 'coreutils sha512sum',
    argv: ['sha512sum', 'log.txt'],
    files: LONG_LOG,
    oracle: 'qemu',
  },
  {
    name: 'coreutils cat of a missing file',
    argv: ['cat', 'no-such-file'],
    oracle: 'qemu',
    light: true,
  },
];

const TEXT: readonly Case[] = [
  {
    name: 'gawk',
    argv: [
      'gawk',
      '{ sum[$2] += $3; if (match($0, /user([0-9]+)@/, m)) seen[m[1]]++ }\n' +
        'END { PROCINFO["sorted_in"] = "@ind_str_asc"; for (w in sum) print w, sum[w], sum[w] / 7\n' +
        'n = asorti(seen, order); print n, order[1], order[n]; print strftime("%F", 86400 * 365, 1)\n' +
        'printf "%.10f %x %c %s\\n", atan2(1, 2) + exp(1.5), 48879, 65, gensub(/(a)(b)/, "\\\\2\\\\1", "g", "abab") }',
      'log.txt',
    ],
    files: LOG,
    oracle: 'qemu',
  },
  {
    name: 'grep',
    argv: ['grep', '-n', '-E', '(alpha|theta) [0-9]*7 user[13]', 'log.txt'],
    files: LOG,
    oracle: 'qemu',
  },
  {
    name: 'grep with Perl expressions',
    argv: ['grep', '-o', '-P', '(?<=user)\\d(?=@)|gam(?:ma){1,2}', 'log.txt'],
    files: { 'log.txt': log(150) },
    oracle: 'qemu',
  },
  {
    name: 'perl, expressions and hashes',
    argv: ['perl', 'words.pl', 'log.txt'],
    files: {
      ...LOG,
      'words.pl': `use strict; use warnings;
my (%count, %sum, %by);
while (my $line = <>) {
  next unless $line =~ /^(\\d+) (?<word>[a-z]+) (\\d+) user(\\d+)\\@(\\w+\\.org)$/;
  $count{$+{word}}++; $sum{$+{word}} += $3; push @{$by{$4}}, $1;
  (my $t = $line) =~ s/(\\w+)@/uc($1) . "#"/e; $count{length $t}++;
}
printf "%s %d %s\\n", $_, $count{$_}, $sum{$_} // '-' for sort keys %count;
print join(',', @{$by{$_}}), "\\n" for (sort { $a <=> $b } keys %by)[0 .. 3];
my $text = join ' ', map { reverse } sort keys %sum;
my $n = () = $text =~ /([aeiou])(?!\\1)/g;
print "$text $n ", sprintf('%.15g %e %s', 22 / 7, 1e100 / 3, 2 ** 53), "\\n";
my %square = map { $_ => $_ * $_ % 97 } 1 .. 3000;
my %back; $back{$square{$_}} .= $_ for sort { $a <=> $b } keys %square;
print join(' ', map { "$_:" . length $back{$_} } sort { $a <=> $b } keys %back), "\\n";
print unpack('H*', pack('NvqA3', 1, 2, -3, 'xyz')), ' ', crypt_like('abc'), "\\n";
sub crypt_like { my $h = 5381; $h = ($h * 33 + ord) & 0xffffffff for split //, shift; $h }
`,
    },
    oracle: 'qemu',
  },
];

const LANGUAGES: readonly Case[] = [
  {
    name: 'python3.11, json re hashlib decimal threading',
    argv: ['python3.11', 'modules.py'],
    files: {
      'modules.py': `import json, re, hashlib, decimal, threading
data = {'name': 'caf\\u00e9', 'list': [1, 2.5, None, True], 'deep': {'x': [{}] * 3}}
text = json.dumps(data, sort_keys=True, indent=1)
assert json.loads(text) == data
print(text)
print(re.findall(r'(\\w+)@(?P<host>[a-z]+)\\.org', 'a@b.org, cc@dd.org x@1.org'))
print(re.sub(r'(?i)(a+)(b?)', lambda m: f'<{m[2]}{m[1]}>', 'aaAb cab'))
for name in ('md5', 'sha1', 'sha256', 'sha3_256', 'blake2b'):
    print(name, hashlib.new(name, b'js390' * 1000).hexdigest())
decimal.getcontext().prec = 60
print(decimal.Decimal(2).sqrt(), decimal.Decimal(1) / 7, decimal.Decimal('1e-5').ln())
total = 0
lock = threading.Lock()
def work(n):
    global total
    for i in range(200):
        with lock:
            total += n * i
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for t in threads: t.start()
for t in threads: t.join()
print(total, 3 ** 200 % (10 ** 30), hash(1.5), (12345678901234567890 * 987654321) // 77)
`,
    },
    oracle: 'qemu',
  },
  {
    name: 'python3.11, floating point',
    argv: ['python3.11', '-S', '-E', 'float.py'],
    files: {
      'float.py': `import math
print(0.1 + 0.2, 1e308 * 10, -0.0, 5e-324, 1 / 3, 2 ** 0.5, 1e22, 123456789.123456789)
print(round(2.675, 2), math.fsum([0.1] * 10), math.fmod(-7.5, 2), divmod(-7.5, 2.25))
for f in (math.sin, math.exp, math.lgamma, math.atan, math.erf, math.expm1):
    print(f.__name__, [f(x / 7).hex() for x in (1, 5, 22, 90)])
x, s = 0.5, 0.0
for i in range(3000):
    x = 3.9 * x * (1 - x)
    s += math.sqrt(x) / (i + 1)
print(x.hex(), s.hex(), (1.5).as_integer_ratio(), float('1.7976931348623157e308').hex())
print(int(1e19), int(-2.9), math.floor(-2.1), math.frexp(1e-310), math.ldexp(0.7, -1070))
try:
    1.0 / 0
except ZeroDivisionError as e:
    print(e)
print(complex(1, 2) ** 2.5, abs(3 + 4j), sum(1 / n ** 2 for n in range(1, 2000)))
`,
    },
    oracle: 'qemu',
  },
  {
    name: 'lua5.4',
    argv: ['lua5.4', 'test.lua'],
    files: {
      'test.lua': `local t = {}
for i = 1, 2000 do t[i] = (i * 7919) % 1009 end
table.sort(t); print(t[1], t[1000], t[2000], #t)
print(string.format('%5.2f %x %q %s', 3.14159, 255, 'a\\nb', 10 // 3), 7 // 0.0, -7 % 3, 2^53, 1 << 62)
for k, v in string.gmatch('a=1, b=2', '(%w+)=(%w+)') do io.write(k, v, ';') end print()
local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i * i) end end)
print(co(), co(), co(), math.maxinteger, math.mininteger // -1, 1e15, 0.1)
print(pcall(error, {code = 2}) , select('#', table.unpack({1, nil, 3}, 1, 3)), ('x'):rep(3, '-'))
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
print(fib(18), math.type(3 // 1), 3 | 4.0, string.pack('>i4', 77):byte(1, -1))
`,
    },
    oracle: 'qemu',
    light: true,
  },
  {
    name: 'sqlite3, create fill query',
    argv: ['sqlite3', 'test.db'],
    stdin: `create table word(id integer primary key, name text, value real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
insert into word(name, value) select 'w' || (i * 37 % 101), i / 7.0 from n;
create index by_name on word(name);
select name, count(*), round(sum(value), 6), max(id) from word group by name order by 3 desc limit 5;
select count(distinct name), avg(value), total(id) from word where name like 'w1%';
update word set value = value * 2 where id % 3 = 0; delete from word where id > 1500;
select sum(value), printf('%.3f|%d|%s', min(value), max(id), upper('abc')) from word;
select a.id, b.id from word a join word b on a.name = b.name and a.id < b.id order by 1, 2 limit 3;
pragma integrity_check; select hex(zeroblob(2)), json_extract('{"a":[1,{"b":2}]}', '$.a[1].b');
select date('2024-01-31', '+1 month'), strftime('%s', '2000-01-01');
`,
    oracle: 'qemu',
  },
];

const TOOLS: readonly Case[] = [
  {
    name: 'openssl digests',
    argv: ['openssl', 'dgst', '-sha256', '-r', 'log.txt'],
    files: LONG_LOG,
    oracle: 'qemu',
  },
  {
    name: 'openssl SHA3-512 with HMAC',
    argv: ['openssl', 'dgst', '-sha3-512', '-hmac', 'key', 'log.txt'],
    files: LOG,
    oracle: 'qemu',
  },
  {
    name: 'openssl AES-256-CBC there and back',
    argv: [
      'bash',
      '-c',
      'K=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff IV=000102030405060708090a0b0c0d0e0f\n' +
        'openssl enc -aes-256-cbc -K $K -iv $IV -in log.txt -out x && sha256sum x\n' +
        'openssl enc -d -aes-256-cbc -K $K -iv $IV -in x | cmp - log.txt && echo same',
    ],
    files: LOG,
    oracle: 'twin',
  },
  {
    name: 'openssl AES-256-CBC in base 64',
    argv: [
      ...['openssl', 'enc', '-aes-256-cbc', '-pbkdf2', '-iter', '50', '-S', '0102030405060708'],
      ...['-k', 'secret', '-a'],
    ],
    stdin: 'attack at dawn\n'.repeat(20),
    oracle: 'qemu',
  },
  {
    name: 'xz there and back',
    argv: [
      'bash',
      '-c',
      'xz -k log.txt && sha256sum log.txt.xz && xz -dc log.txt.xz | cmp - log.txt',
    ],
    files: LONG_LOG,
    oracle: 'twin',
  },
  {
    name: 'zstd there and back',
    argv: [
      'bash',
      '-c',
      'zstd -q -9 log.txt && sha256sum log.txt.zst && zstd -dcq log.txt.zst | cmp - log.txt',
    ],
    files: LONG_LOG,
    oracle: 'twin',
  },
  {
    name: 'bzip2 there and back',
    argv: [
      'bash',
      '-c',
      'bzip2 -k log.txt && sha256sum log.txt.bz2 && bzip2 -dc log.txt.bz2 | cmp - log.txt',
    ],
    files: LOG,
    oracle: 'twin',
  },
  {
    name: 'gzip',
    argv: ['gzip', '-c', '-n', '-9', 'log.txt'],
    files: LOG,
    oracle: 'qemu',
  },
  {
    name: 'diff',
    argv: ['diff', '-u', '--label', 'a', '--label', 'b', 'a', 'b'],
    files: { a: log(80), b: log(90).replaceAll('beta', 'BETA') },
    oracle: 'qemu',
    light: true,
  },
  {
    name: 'bc',
    argv: ['bc', '-lq'],
    stdin: 'scale=50\n4*a(1)\ns(1)^2+c(1)^2\n3^333%10^20\n',
    oracle: 'qemu',
  },
  {
    name: 'git init, commit, log',
    argv: [
      'bash',
      '-c',
      'export GIT_AUTHOR_DATE="1700000000 +0100" GIT_COMMITTER_DATE="1700000000 +0100" HOME=$PWD\n' +
        'git config --global user.name Tester; git config --global user.email tester@example.org\n' +
        'git init -q -b main repo && cd repo && cp ../log.txt . && mkdir d && echo x >d/y && git add .\n' +
        'git commit -q -m first && echo more >>log.txt && git commit -q -a -m second\n' +
        'git log --stat --format="%H %ad %s"; git status --short; git diff HEAD~ | tail -n 4; git ls-tree -r HEAD',
    ],
    files: { 'log.txt': log(50) },
    oracle: 'twin',
  },
];

export const CASES: readonly Case[] = [...BUSYBOX, ...SHELL, ...TEXT, ...LANGUAGES, ...TOOLS];
