#!/usr/bin/env python3
"""One log in UTF-8, GB18030 and UTF-16: the same customers, and the same bad rows on the same lines."""
import gzip
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import strata_testing as st

h5py = st.need_modules("h5py")

ENCODINGS = {"gb18030": "gb18030", "utf-16": "utf-16", "utf-16le": "utf-16", "utf-16be": "utf-16"}


def encoded(text, encoding):
    mark = "\ufeff" if encoding in ("utf-16le", "utf-16be") else ""
    return (mark + text).encode(encoding)


def with_second_byte(byte):
    return [chr(code) for code in range(0x4E00, 0x9FA6) if chr(code).encode("gb18030")[1:] == bytes([byte])]


# Characters with a pipe, a backslash or a bracket as their second byte, of four bytes, and beyond 16 bits.
RARE = with_second_byte(0x7C)[:20] + with_second_byte(0x5C)[:20] + with_second_byte(0x7E)[:10] + list("㐀㐁é€😀𠀀")
USUAL = list("王小明李雷韩梅陈建国赵钱孙周吴郑冯")


def random_log(seed, delimiter, line_end, rare):
    """A log with quoted delimiters, quotes and newlines, and ids of every length."""
    source = random.Random(seed)
    letters = USUAL * (1 if rare else 8) + RARE + list("aZ09 ")
    rows = [delimiter.join(["会员编号", "下单时间", "金额", "渠道", "备注"])]
    ids = ["".join(source.choice(letters) for _ in range(source.randrange(1, 9))).strip() or "空" for _ in range(40)]
    ids += ["C1", "007", "7", "客" * 300]
    for _ in range(300):
        note = "".join(source.choice(letters + [delimiter, "\n", '"']) for _ in range(source.randrange(6)))
        values = [source.choice(ids), f"2024-{source.randrange(1, 13):02}-{source.randrange(1, 29):02}",
                  f"{source.randrange(-500, 9999) / 100}", source.choice(["门店", "网店", "|app|"]), note]
        rows.append(delimiter.join('"' + value.replace('"', '""') + '"'
                                   if source.random() < 0.3 or any(c in value for c in f'{delimiter}\n"') else value
                                   for value in values))
    return line_end.join(rows) + line_end


class Encodings(st.Case):
    def customers(self, *flags, **options):
        done = self.strata("run", *flags, "--output", "r.h5", **options)
        found = {"transactions": done.json["transactions"]}
        with h5py.File(self.folder / "r.h5") as file:
            for group in ("customers", "keys"):
                file[group].visititems(lambda name, item: found.update({f"{group}/{name}": item[()].tolist()})
                                       if isinstance(item, h5py.Dataset) else None)
        return repr(found)

    def test_the_same_customers(self):
        for seed, (delimiter, line_end) in enumerate(((",", "\n"), ("|", "\r\n"), ("\t", "\n"), (";", "\r\n"))):
            text = random_log(seed, delimiter, line_end, rare=False)
            self.file("u.csv", text.encode())
            expected = self.customers("--transactions", "u.csv")
            for encoding, word in ENCODINGS.items():
                content = encoded(text, encoding)
                self.file("e.csv", content)
                self.file("e.csv.gz", gzip.compress(content))
                for flags in (["e.csv"], ["e.csv", "--encoding", word], ["e.csv.gz", "--threads", "3"]):
                    with self.subTest(encoding, delimiter=delimiter, flags=flags):
                        self.assertEqual(self.customers("--transactions", *flags), expected)
                with self.subTest(encoding, delimiter=delimiter):
                    prefix = ["bash", "-c", 'cat e.csv | "$@"', "bash"]
                    self.assertEqual(self.customers("--transactions", "-", prefix=prefix), expected)

    def test_utf16_without_a_mark(self):
        """Declared; the text begins with characters beyond ASCII, whose bytes tell no order."""
        text = "一一客户编号,下单时间,金额\n" + "".join(f"一一{i % 9},2024-01-{i % 28 + 1:02d},{i}.5\n" for i in range(99))
        flags = ("--encoding", "utf-16", "--customer", "一一客户编号")
        self.file("u.csv", text)
        expected = self.customers("--transactions", "u.csv", *flags[2:])
        for encoding in ("utf-16-le", "utf-16-be"):
            with self.subTest(encoding):
                self.file("e.csv", text.encode(encoding))
                self.assertEqual(self.customers("--transactions", "e.csv", *flags), expected)

    def test_rare_characters_are_declared(self):
        for seed in range(4):
            text = random_log(100 + seed, "|", "\n", rare=True)
            self.file("u.csv", text.encode())
            self.file("e.csv", encoded(text, "gb18030"))
            expected = self.customers("--transactions", "u.csv")
            self.assertEqual(self.customers("--transactions", "e.csv", "--encoding", "gb18030"), expected)

    def test_files_of_several_encodings(self):
        text = random_log(7, ",", "\n", rare=False)
        for name, encoding in (("a.csv", "utf-8"), ("b.csv", "gb18030"), ("c.csv", "utf-16")):
            self.file(name, encoded(text, encoding))
            self.file(name.replace(".", "u."), text.encode())
        expected = self.customers("--transactions", "?u.csv")
        self.assertEqual(self.customers("--transactions", "?.csv"), expected)

    @staticmethod
    def iconv(old, new, text):
        return subprocess.run([st.need_program("iconv"), "-f", old, "-t", new], input=text, check=True,
                              stdout=subprocess.PIPE).stdout

    def test_any_encoding_that_is_named(self):
        """As iconv knows it, in any case of letters; plain, compressed and from a pipe; with rows over many pieces."""
        texts = {"big5": "客戶名稱", "Shift_JIS": "顧客ｶﾅ表能", "EUC-JP": "顧客番号", "euc-kr": "고객번호", "windows-1252": "Müller € “ß”",
                 "ISO-8859-15": "Œuvre €", "KOI8-R": "Клиент", "cp1251": "Клиент", "BIG5-HKSCS": "Ê̄ 客Ê", "cp949": "고객 똠",
                 "windows-1258": "Người mua", "GBK": "客户"}
        for encoding, text in texts.items():
            rows = "".join(f'"{text}, {i % 70}",2024-01-{i % 28 + 1:02d},{i}.50\n' for i in range(20_000))
            raw = self.iconv("UTF-8", encoding, ("customer,date,amount\n" + rows).encode())
            self.file("utf8.csv", self.iconv(encoding, "UTF-8", raw))
            expected = self.customers("--transactions", "utf8.csv")
            self.file("log.csv", raw)
            self.file("log.csv.gz", gzip.compress(raw, 1))
            for path, more in (("log.csv", {}), ("log.csv.gz", {}), ("-", {"input": raw})):
                for threads in (1, 3):
                    with self.subTest(encoding, path=path, threads=threads):
                        flags = ("--transactions", path, "--encoding", encoding, "--threads", threads)
                        self.assertEqual(self.customers(*flags, **more), expected)

    def test_encodings_that_are_none(self):
        self.file("log.csv", "customer,date,amount\na,2024-01-01,1\n")
        for encoding, text in (("latin9000", "iconv -l"), ("../x", "iconv -l"), ("SJIS//IGNORE", "iconv -l"),
                               ("UTF-16LE", "write utf-16"), ("UTF-32", "convert the text first"),
                               ("EBCDIC-US", "convert the text first"), ("UTF-7", "convert the text first")):
            with self.subTest(encoding):
                done = self.strata("run", "--transactions", "log.csv", "--encoding", encoding, "--output", "r.h5", expect=2)
                self.assertIn("encoding (--encoding): ", done.err)
                self.assertIn(text, done.err)
        self.file("log.csv", b"customer,date,amount\n\xb0\xa1\xff\xff,2024-01-01,1\n\xb0\xa1,2024-01-01,1\n\xb0")
        done = self.strata("run", "--transactions", "log.csv", "--encoding", "euc-kr", "--output", "r.h5", expect=3)
        self.assertIn("log.csv is cut off: its last character is not whole (euc-kr)", done.err)
        self.file("log.csv", b"customer,date,amount\n\xb0\xa1\xff\xff,2024-01-01,1\n\xb0\xa1,2024-01-01,1\n")
        done = self.strata("run", "--transactions", "log.csv", "--encoding", "euc-kr", "--output", "r.h5", expect=3)
        self.assertIn("log.csv, line 2, column 1: customer id is not valid", done.err)

    def test_what_is_guessed_is_told(self):
        self.file("log.csv", "customer,date,amount\n고객번호,2024-01-01,1\n".encode("euc-kr"))
        done = self.strata("run", "--transactions", "log.csv", "--clusters", 0, "--output", "r.h5")
        self.assertIn("log.csv: 4 characters beyond ASCII were read as GB18030; if it is another encoding", done.err)
        self.assertIn("euc-kr, name it with --encoding", done.err)
        done = self.strata("run", "--transactions", "log.csv", "--encoding", "gb18030", "--clusters", 0, "--output", "r.h5")
        self.assertNotIn("beyond ASCII", done.err)

    def test_more_than_a_sample(self):
        """Longer than what is looked at to tell the encoding, and than a block."""
        rows = "".join(f"客户{i % 5000},2024-03-{i % 28 + 1:02},{i % 97}.5\n" for i in range(60000))
        text = "客户编号,日期,金额\n" + rows
        self.file("u.csv", text.encode())
        expected = self.customers("--transactions", "u.csv")
        for encoding in ENCODINGS:
            self.file("e.csv", encoded(text, encoding))
            for threads in (1, 4):
                with self.subTest(encoding, threads=threads):
                    self.assertEqual(self.customers("--transactions", "e.csv", "--threads", threads), expected)

    def rejects(self, content, *flags):
        self.file("e.csv", content)
        self.strata("run", "--transactions", "e.csv", "--bad-rows", "skip", "--output", "r.h5", *flags)
        return (self.folder / "r.h5.rejects.csv").read_text()

    def test_bad_rows(self):
        text = '会员编号,日期,金额\n张三,2024-01-01,1\n"李\n四",2024-01-02,2\n王五,2024-01-03,x\n赵六,2024-13-03,1\n'
        expected = self.rejects(text.encode())
        self.assertIn(",5,", expected)
        for encoding in ENCODINGS:
            with self.subTest(encoding):
                lines = [line.split(",")[1] for line in self.rejects(encoded(text, encoding)).splitlines()]
                self.assertEqual(lines, [line.split(",")[1] for line in expected.splitlines()])

    def test_bytes_that_are_no_character(self):
        head = "会员编号,日期,金额\n张三,2024-01-01,1\n"
        row = ",2024-01-02,2\n"
        for encoding, bytes_ in (("gb18030", b"\xff"), ("gb18030", b"\x81 "), ("gb18030", b"\xb0\x30"),
                                 ("utf-16le", b"\x00\xd8"), ("utf-16be", b"\xdc\x00"), ("utf-16le", b"\x3d\xd8\x41\x00")):
            content = encoded(head, encoding) + bytes_ + row.encode(encoding)
            with self.subTest(encoding, bytes=bytes_):
                found = self.rejects(content, "--encoding", ENCODINGS[encoding])
                self.assertIn("e.csv,3,", found)
                self.assertIn("customer id is not valid", found)

    def test_cut_off(self):
        text = "会员编号,日期,金额,备注\n张三,2024-01-01,1,王\n"
        for encoding, n_cut in (("gb18030", 2), ("utf-16le", 3), ("utf-16be", 1)):
            self.file("e.csv", encoded(text, encoding)[:-n_cut])
            done = self.strata("run", "--transactions", "e.csv", "--output", "r.h5", expect=3)
            with self.subTest(encoding):
                self.assertIn("e.csv is cut off: its last character is not whole", done.err)

    def test_what_is_neither(self):
        """Latin-1 is not taken for GB18030; declared encodings that do not fit are refused."""
        self.file("e.csv", "customer,date,amount,name\n1,2024-01-01,1,Hélène Müßig\n".encode("latin-1"))
        done = self.strata("run", "--transactions", "e.csv", "--output", "r.h5")
        self.assertEqual(done.json["transactions"], 1)
        self.assertNotIn("gb18030", done.err)
        self.file("e.csv", "Hélène,date,amount\n1,2024-01-01,1\n".encode("utf-16"))
        self.assertIn("UTF-16 text", self.strata("run", "--transactions", "e.csv", "--output", "r.h5", "--encoding",
                                                 "utf-8", expect=3).err)
        self.file("e.csv", "客户,date,amount\n1,2024-01-01,1\n".encode())
        self.assertIn("no byte order mark", self.strata("run", "--transactions", "e.csv", "--output", "r.h5",
                                                        "--encoding", "utf-16", expect=3).err)
        self.file("e.csv", "客户,date,amount\n1,2024-01-01,1\n".encode("utf-32"))
        self.assertIn("UTF-32 text", self.strata("run", "--transactions", "e.csv", "--output", "r.h5", expect=3).err)

    def test_tables_for_clusters(self):
        text = "销量,毛利\n" + "".join(f"{i % 7},{i % 5}.25\n" for i in range(60))
        found = []
        for encoding in ("utf-8", "gb18030", "utf-16"):
            self.file("t.csv", encoded(text, encoding))
            done = self.strata("cluster", "t.csv", "--columns", "毛利,销量", "--clusters", "2")
            found.append({**done.json, "fit_seconds": 0})
        self.assertEqual(found[0], found[1])
        self.assertEqual(found[0], found[2])


if __name__ == "__main__":
    st.main()
