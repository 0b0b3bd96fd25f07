"""What the numbers on the page mean, in the words a reader of the page needs."""

from __future__ import annotations

from airtide.domain.flags import STUCK_MIN_VIEWERS
from airtide.domain.marks import FLAT_PARTS, JUMP_FACTOR, JUMP_MIN_VIEWERS

COMPUTED_BY = "Airtide, not by the sites"

DEFINITIONS = (
    (
        "Sample",
        "The number of viewers a site told for one broadcast at one tick. It stands for the time nearest to it: "
        "half way to the samples before and after.",
    ),
    (
        "Hours watched",
        "Every sample's viewers times the time it stands for, added up. Hidden counts add nothing.",
    ),
    (
        "Average viewers",
        "Hours watched divided by the airtime with a known count, so longer stretches weigh more.",
    ),
    (
        "Peak viewers",
        "The largest number sampled in the period; the true peak may lie between two samples and be higher.",
    ),
    ("Airtime", "The time covered by samples. Where the next sample is more than three cadences away, a hole is left."),
    (
        "Coverage",
        "Airtime divided by the time the broadcast was live. Under 100 % something was not sampled, and hours watched "
        "are too small by about as much.",
    ),
    ("Known share", "The part of the airtime whose count was not hidden by the site."),
    (
        "Rank change",
        "Places gained or lost against the day before. It is in doubt where either day has low coverage. New is a "
        "channel that no earlier day holds, back is one that was live earlier but not the day before; neither is told "
        "where its platform was not seen that day. In a week or a month, as many days just before stand for that day.",
    ),
    (
        "Over, unseen",
        "A broadcast is over when the site says so; else it is inferred from two sweeps without it or the "
        "longest silence (a setting, an hour by default), withdrawn when it turns up again, and in no number. Unseen "
        "is what was not sampled when it was due and is not known to be over.",
    ),
    (
        "Odd count",
        "A count that stood still for an hour, fell from 20 or more to 1, or is a 0 that may hide a count. It is "
        "marked, and counted as the site told it.",
    ),
    (
        "Mark",
        "A broadcast's day tells how often its counts looked wrong: stuck, flat, fallen to 1, or jumped. A mark says "
        "that somebody should look, and changes no number: a raid is a step jump, too.",
    ),
    (
        "Provisional",
        "A day that is not over, ended less than an hour ago, waits to be rolled up again, or has an hour that fails a "
        "quality check which blocks: it may still change.",
    ),
)

MARKS = (
    (
        "stuck_hours",
        "Count stuck",
        f"Hours of the clock through which the count stood still, at {STUCK_MIN_VIEWERS} or more.",
    ),
    (
        "flat_hours",
        "Flat line",
        f"Hours of the clock through which the count moved by no more than one {FLAT_PARTS}th of its largest.",
    ),
    ("glitches", "Glitch to 1", f"Counts of 1 right after one of {STUCK_MIN_VIEWERS} or more."),
    (
        "step_jumps",
        "Step jump",
        f"Counts {JUMP_FACTOR} times larger or smaller than the one right before, "
        f"by {JUMP_MIN_VIEWERS} viewers at least.",
    ),
)
