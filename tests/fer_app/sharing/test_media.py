from fer_app.sharing.media import MAX_BROWSERS, MAX_FILES, MediaBook, new_cookie

HASH = "0123456789abcdef" * 2
OTHER = "fedcba9876543210" * 2
MESSAGE = f"\n\x12/media/{HASH}.jpg2\x08more".encode()


def test_a_browser_fetches_what_it_was_told_of_and_nobody_else_does():
    book = MediaBook()
    book.note("ada", MESSAGE)
    assert book.may_fetch("ada", f"/media/{HASH}.jpg")
    assert book.may_fetch("ada", f"/media/{HASH}")
    assert not book.may_fetch("eve", f"/media/{HASH}.jpg")
    assert not book.may_fetch(None, f"/media/{HASH}.jpg")


def test_an_address_without_a_hash_is_nobodys():
    book = MediaBook()
    book.note("ada", MESSAGE)
    for path in (
        "/media/",
        f"/media/{HASH[:-1]}.jpg",
        f"/media/x/../{HASH}.jpg",
        f"/media/{HASH}.jpg/x",
        "/media/a.jpg",
    ):
        assert not book.may_fetch("ada", path)


def test_an_address_without_ending_is_found_whatever_follows_it_in_the_message():
    book = MediaBook()
    book.note("ada", f"\x12/media/{OTHER}8\x01".encode())
    assert book.may_fetch("ada", f"/media/{OTHER}")


def test_without_cookie_or_bytes_nothing_is_remembered():
    book = MediaBook()
    book.note(None, MESSAGE)
    book.note("ada", None)
    assert not book.may_fetch("ada", f"/media/{HASH}.jpg")


def test_the_book_is_bounded():
    book = MediaBook()
    for number in range(MAX_FILES + 1):
        book.note("ada", f"/media/{number:032x}.jpg".encode())
    assert not book.may_fetch("ada", f"/media/{0:032x}.jpg")
    assert book.may_fetch("ada", f"/media/{MAX_FILES:032x}.jpg")
    for number in range(MAX_BROWSERS):
        book.note(str(number), MESSAGE)
    assert not book.may_fetch("ada", f"/media/{MAX_FILES:032x}.jpg")


def test_scripts_cannot_read_the_cookie_and_each_is_new():
    cookies = {new_cookie(secure=True), new_cookie(secure=False)}
    assert len(cookies) == 2
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)
    assert sum("Secure" in cookie for cookie in cookies) == 1
