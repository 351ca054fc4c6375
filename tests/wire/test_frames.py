import pytest

from localaik.wire.frames import MAX_FRAME, FrameDecoder, FrameTooLong, encode_frame

CONTENTS = [b"", b"a", b"x" * 70000, b"\0\0\0\x01"]
WRITTEN = b"".join(map(encode_frame, CONTENTS))


@pytest.mark.parametrize("step", [1, 3, 4, 65536, len(WRITTEN)])
def test_frames_are_read_as_they_were_written_in_any_chunking(step):
    decoder = FrameDecoder()
    chunks = [WRITTEN[at : at + step] for at in range(0, len(WRITTEN), step)]
    assert [frame for chunk in chunks for frame in decoder.feed(chunk)] == CONTENTS
    assert decoder.finish() == ()


def test_a_cut_frame_is_nothing():
    decoder = FrameDecoder()
    assert decoder.feed(encode_frame(b"abc")[:-1]) == []
    assert decoder.finish() == ()


def test_a_frame_that_is_too_long_is_refused_by_its_head():
    with pytest.raises(FrameTooLong):
        FrameDecoder().feed((MAX_FRAME + 1).to_bytes(4, "big"))
