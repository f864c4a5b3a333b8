"""Pictures in grey: the moving motifs the demo clips are made of.

A motif is a function that takes a random generator and returns an ffmpeg filter graph
with no input and one grey output of ``WIDTH`` x ``HEIGHT`` at ``RATE`` frames a second.
"""

from collections.abc import Callable
from random import Random

from .drawing import (
    HEIGHT,
    INK,
    RATE,
    SHEET,
    WIDTH,
    alive,
    blend,
    cell_chance,
    chance,
    edge,
    ink,
    scroll,
    seed_of,
    sign,
    spin,
    stamp,
    still,
    turned,
    wander,
)

Motif = Callable[[Random], str]


# --- Music -----------------------------------------------------------------------------


def waves(random: Random) -> str:
    """Four waves, one before the other, rolling at their own speeds."""
    layers = []
    for number in range(4):
        crests, height = random.choice((1, 2, 3, 4)), random.randint(18, 46)
        level = 60 + 80 * number
        line = f"{level}+{height}*sin(2*PI*({crests}*X/{SHEET}+{random.random():.2f}))"
        layer = still(f"63.75*{edge(f'{line}-Y')}")
        layers.append(scroll(layer, right=sign(random) * random.randint(25, 110)))
    return blend("addition", *layers)


def equaliser(random: Random) -> str:
    """Columns of lamps that rise and fall like the bars of an old hi-fi."""
    first, second = random.uniform(0.3, 0.9), random.uniform(0.2, 0.6)
    height = f"2+9*abs(sin(X*{first:.2f}+T*2.1)*cos(X*{second:.2f}-T*1.3))"
    bars = alive(f"if(gt(12-Y,{height}),30,{ink('(13-Y)/12')}+20)", 24, 12, "neighbor")
    lamp = edge("max(abs(mod(X,26.667)-13.3)-10,abs(mod(Y,30)-15)-11)")
    return blend("multiply", bars, still(f"60+195*{lamp}", WIDTH))


def lissajous(random: Random) -> str:
    """Two notes drawn as one closed curve, above slow waves."""
    low, high = random.choice(((2, 3), (3, 4), (4, 5), (3, 5), (5, 6), (1, 2)))
    tones = f"0.92*sin(2*PI*{low * 40}*t)|0.92*sin(2*PI*{high * 40}*t+t*0.9+{random.random():.2f})"
    curve = (
        f"aevalsrc='{tones}':s=32000,avectorscope=s=340x340:r={RATE}:mode=lissajous_xy:"
        "draw=aaline:rc=255:gc=255:bc=255:rf=70:gf=70:bf=70:zoom=1,format=gray,"
        f"dilation,pad={WIDTH}:{HEIGHT}:{random.randint(120, 180)}:10"
    )
    fall = f"110*Y/{HEIGHT}+40*sin(2*PI*(X/{SHEET}+Y/500))"
    return blend("lighten", scroll(still(f"clip({fall},0,150)"), right=60), curve)


def strings(random: Random) -> str:
    """Plucked strings: a harmonic standing on each."""
    count, seed = random.choice((4, 5, 6)), seed_of(random)
    gap = HEIGHT / count
    nodes = f"(1+floor(5*{chance(f'floor(Y/{gap:.2f})', '1', seed)}))"
    swing = f"sin(PI*{nodes}*X/{WIDTH})"
    belly = edge(f"abs(mod(Y,{gap:.2f})-{gap / 2:.2f})-{gap * 0.44:.2f}*abs({swing})-1.5")
    shade = f"90+165*(0.5+0.5*{swing})"
    glow = alive(f"150+105*sin(X/9+T*3+floor(Y/{90 / count:.2f})*2)", 160, 90)
    return blend("multiply", still(f"40+215*{belly}*({shade})/255", WIDTH), glow)


# --- Nature ----------------------------------------------------------------------------


def contours(random: Random) -> str:
    """A map of hills nobody has climbed, slowly changing shape."""
    bands = random.choice((3, 4, 5))
    return (
        f"perlin=s=160x90:r={RATE}:octaves=2:persistence=0.4:tscale=0.35:random_mode=seed:"
        f"random_seed={seed_of(random)}:xscale={random.uniform(2.2, 4):.2f}:"
        f"yscale={random.uniform(1.6, 3):.2f},format=gray,scale={WIDTH}:{HEIGHT}:flags=bicubic,"
        f"lutyuv=y='clip((val-60)*1.9,0,255)',"
        f"lutyuv=y='0.3*val+0.7*floor(val*{bands}/128)*128/{bands}'"
    )


def leaves(random: Random) -> str:
    """Leaves of two sizes drifting past each other."""
    layers = [still(f"70*Y/{HEIGHT}", WIDTH)]
    for size, low in ((120, 100), (72, 160)):
        seed = seed_of(random)
        along, across, setup = turned(size, f"floor(4*{cell_chance(size, seed)})*PI/4")
        reach = size * 0.72
        leaf = edge(f"hypot({along},abs({across})+{reach * 0.72:.1f})-{reach:.1f}")
        vein = edge(f"1.2-abs({across})")
        tint = f"({low}+80*{cell_chance(size, seed + 7)})"
        layer = still(f"{setup};{tint}*{leaf}*(0.72+0.28*{vein})")
        layers.append(scroll(layer, sign(random) * random.randint(12, 30), random.randint(10, 40)))
    return blend("lighten", *layers)


def woods(random: Random) -> str:
    """Trunks in three depths, passing as if seen from a path."""
    layers = [still(f"255-70*Y/{HEIGHT}", WIDTH)]
    for width, level, speed in ((40, 165, 18), (72, 95, 40), (180, 12, 85)):
        seed = seed_of(random)
        column = chance(f"floor(X/{width})", "3", seed)
        lean = f"3*sin(Y/60+floor(X/{width})*2)"
        thickness = f"{width * 0.06:.1f}+{width * 0.12:.1f}*{column}+Y/{HEIGHT}*{width * 0.04:.1f}"
        trunk = edge(f"abs(mod(X,{width})-{width / 2}+{lean})-({thickness})")
        layers.append(scroll(still(f"255-{255 - level}*{trunk}"), right=-speed))
    return blend("darken", *layers)


def shore(random: Random) -> str:
    """Foam lines coming in over sand."""
    layers = []
    for number in range(4):
        lace = f"14*sin(2*PI*({2 + number}*X/{SHEET}))+8*sin(2*PI*({5 + number}*X/{SHEET}+0.3))"
        line = f"{50 + 84 * number}+{lace}"
        foam = f"58*{edge(f'Y-({line})')}+{60 - 8 * number}*{edge(f'abs(Y-({line})-4)-3')}"
        layers.append(scroll(still(foam), right=sign(random) * random.randint(14, 46)))
    return blend("addition", *layers)


# --- Science ---------------------------------------------------------------------------


def fractal(random: Random) -> str:
    """A slow fall into the edge of the Mandelbrot set."""
    x, y = random.choice(
        ((-0.743643, -0.131825), (-0.7269, -0.1889), (-1.25066, -0.02012), (-0.16, -1.0405))
    )
    start = random.uniform(0.03, 0.12)
    return (
        f"mandelbrot=s=320x180:r={RATE}:maxiter=400:start_x={x}:start_y={y}:"
        f"start_scale={start:.3f}:end_scale={start / 6:.4f}:end_pts=80:inner=mincol:"
        f"bailout=20,format=gray,lutyuv=y='abs(mod(val*1.7+40,510)-255)',scale={WIDTH}:{HEIGHT}"
    )


def ripples(random: Random) -> str:
    """Rings from two stones, and where they meet."""

    def rings(length: int) -> str:
        return still(f"127.5+127.5*cos(hypot(X-{SHEET},Y-450)*2*PI/{length})", 1440, 900)

    first, second = random.randint(44, 80), random.randint(44, 80)
    pace, lag = random.uniform(0.5, 0.9), random.uniform(0, 3)
    here = wander(rings(first), f"540+130*sin({pace:.2f}*t+{lag:.2f})", "270+60*cos(t*0.7)")
    there = wander(rings(second), f"260-110*sin({pace:.2f}*t+{lag:.2f})", "270-70*cos(t*0.6)")
    return blend("average", here, there)


def orbits(random: Random) -> str:
    """Planets on their rings around a small sun."""
    x, y = random.randint(100, 540), random.randint(70, 290)
    radius = f"hypot(X-{x},Y-{y})"
    step = random.choice((52, 60, 70))
    rings = f"30+22*floor({radius}/{step})+45*{edge(f'abs(mod({radius},{step})-{step / 2})-0.8')}"
    sun = f"225*{edge(f'{radius}-{random.randint(16, 24)}')}"
    layers = [still(f"min(max({rings},{sun}),255)", WIDTH)]
    for number, ring in enumerate(random.sample((1, 2, 3, 4), 3)):
        orbit, size = step * (ring + 0.5), random.randint(8, 24)
        planet = f"{255 - 28 * number}*{edge(f'hypot(X-32,Y-32)-{size}')}"
        angle = f"({sign(random) * random.uniform(0.5, 1.3):.2f}*t+{random.uniform(0, 6):.2f})"
        path = (f"{x}+{orbit}*cos{angle}", f"{y}+{orbit}*sin{angle}")
        layers.append(stamp(planet, 64, *path))
    return blend("lighten", *layers)


def culture(random: Random) -> str:
    """Round cells under a microscope, each with its nucleus."""
    layers = [still(f"24+40*sin(PI*X/{WIDTH})*sin(PI*Y/{HEIGHT})", WIDTH)]
    for size, strength in ((72, 0.6), (120, 1.0)):
        seed = seed_of(random)
        reach = f"{size * 0.22:.1f}+{size * 0.22:.1f}*{cell_chance(size, seed)}"
        along, across, setup = turned(size, f"6.3*{cell_chance(size, seed + 4)}")
        wobble = f"(1+0.1*sin(3*atan2({across},{along})))"
        setup += f";st(5,hypot({along},{across})*{wobble});st(6,{reach})"
        body = f"110*{edge('ld(5)-ld(6)')}+80*{edge('abs(ld(5)-ld(6))-2.5')}"
        core = f"90*{edge('ld(5)-ld(6)*0.33')}"
        layer = still(f"{setup};{strength}*({body}+{core})")
        layers.append(scroll(layer, sign(random) * random.randint(10, 34), random.randint(-24, 24)))
    return blend("lighten", *layers)


# --- Cooking ---------------------------------------------------------------------------


def plate(random: Random) -> str:
    """A dish turning on a checked cloth, seen from above."""
    size = random.choice((300, 330, 370, 420))
    half, petals = size / 2, random.choice((5, 6, 7, 8, 9, 12))
    radius, angle = f"hypot(X-{half},Y-{half})", f"atan2(Y-{half},X-{half})"
    curl = random.uniform(-0.035, 0.035)
    food = f"165+50*sin({petals}*{angle}+{radius}*{curl:.3f})*{edge(f'{radius}-{half * 0.6}')}"
    heart = f"(250-80*{edge(f'{radius}-{half * random.uniform(0.1, 0.28):.1f}')})"
    inside = edge(f"{radius}-{half * 0.68:.1f}")
    rim = f"235+20*{edge(f'abs({radius}-{half * 0.9:.1f})-2')}"
    dish = f"({inside}*min({food},{heart})+(1-{inside})*({rim}))*{edge(f'{radius}-{half - 2}')}"
    check = random.choice((30, 36, 45, 60))
    cloth = f"48*(gt(mod(X,{check}),{check / 2})+gt(mod(Y,{check}),{check / 2}))"
    turning = spin(
        still(dish, size, size), sign(random) * random.uniform(0.3, 0.7),
        random.randint(190, 450), random.randint(140, 220), size,
    )  # fmt: skip
    return blend("lighten", still(cloth, WIDTH), turning)


def bubbles(random: Random) -> str:
    """Something simmering: rounds of three sizes on their way up."""
    layers = [still(f"30+60*Y/{HEIGHT}", WIDTH)]
    for size, level, speed in ((60, 130, 18), (90, 190, 34), (180, 250, 52)):
        seed = seed_of(random)
        reach = f"{size * 0.12:.1f}+{size * 0.3:.1f}*{cell_chance(size, seed)}"
        radius = f"hypot(mod(X,{size})-{size / 2},mod(Y,{size})-{size / 2})"
        shine = f"hypot(mod(X,{size})-{size * 0.42:.1f},mod(Y,{size})-{size * 0.4:.1f})/{size}"
        round_ = f"({level}-110*min(1,{shine}*1.6))*{edge(f'{radius}-({reach})')}"
        shown = f"gt({cell_chance(size, seed + 5)},0.45)"
        layers.append(scroll(still(f"{round_}*{shown}"), random.randint(-8, 8), -speed))
    return blend("lighten", *layers)


def slices(random: Random) -> str:
    """Citrus and onion rounds in rows, each cut into its segments."""
    size, seed = random.choice((90, 120, 180)), seed_of(random)
    segments = f"(6+2*floor(3*{cell_chance(size, seed)}))"
    u, v = f"(mod(X,{size})-{size / 2})", f"(mod(Y,{size})-{size / 2})"
    radius = f"(hypot({u},{v})/{size})"
    flesh = f"(0.30+0.10*abs(sin({segments}/2*atan2({v},{u})+6*{cell_chance(size, seed + 3)})))"
    tint = f"(120+90*{cell_chance(size, seed + 9)})"
    fruit = (
        f"if(lt({radius},0.04),255,if(lt({radius},{flesh}),{tint},"
        f"if(lt({radius},0.42),250,if(lt({radius},0.46),{tint}-30,22))))"
    )
    pace = sign(random) * random.randint(24, 50)
    return scroll(still(fruit), pace, random.choice((0, 0, pace // 2)))


def swirl(random: Random) -> str:
    """Cream stirred into soup."""
    x, y = random.randint(60, 100), random.randint(35, 55)
    arms, tight = random.choice((2, 3, 4)), random.uniform(0.09, 0.16)
    radius = f"hypot(X-{x},Y-{y})"
    turn = f"{arms}*atan2(Y-{y},X-{x})+{radius}*{tight:.3f}+T*{sign(random) * 1.4}"
    ribbon = f"0.5+0.5*sin({turn}+1.2*sin({radius}/9-T))"
    return alive(f"30+225*pow({ribbon},1.4)*(1-{radius}/260)", 160, 90)


# --- Travel ----------------------------------------------------------------------------


def sky(random: Random) -> str:
    """Evening sky with a sun, ink 0 above to ink 1 at the horizon; the sun is ink 2."""
    x, y, size = random.randint(120, 520), random.randint(70, 150), random.randint(26, 62)
    return still(f"max(64*Y/260,128*{edge(f'hypot(X-{x},Y-{y})-{size}')})", WIDTH)


def hills(random: Random) -> str:
    """Three ridges going by a train window, the far one slowest."""
    layers = [sky(random)]
    for number, (level, speed) in enumerate(((160, 16), (202, 44), (255, 100))):
        waves_ = ((random.choice((1, 2)), 34), (random.choice((3, 4, 5)), 16), (9 + number, 5))
        line = "+".join(
            f"{height}*sin(2*PI*({crests}*X/{SHEET}+{random.random():.2f}))"
            for crests, height in waves_
        )
        ridge = edge(f"{185 + 55 * number}+{line}-Y")
        layers.append(scroll(still(f"{level}*{ridge}"), right=-speed))
    return blend("lighten", *layers)


def skyline(random: Random) -> str:
    """Roofs in three depths, with lit windows in the nearest."""
    layers = [sky(random)]
    for number, (width, level, speed) in enumerate(((30, 160, 12), (45, 202, 30), (72, 255, 64))):
        seed = seed_of(random)
        column = chance(f"floor(X/{width})", "2", seed)
        slope = f"gt({chance(f'floor(X/{width})', '8', seed)},0.6)*abs(mod(X,{width})-{width / 2})"
        roof = f"{120 + 55 * number}+{90 - 12 * number}*{column}+{slope}"
        lit = f"gt({chance('floor(X/12)', 'floor(Y/16)', seed)},0.72)"
        pane = f"lt(mod(X,12),6)*lt(mod(Y,16),9)*{lit}" if number == 2 else "0"
        wall = f"{level}*gt(Y,{roof})*(1-0.5*{pane}*gt(Y,{roof}+14))"
        layers.append(scroll(still(wall), right=-speed))
    return blend("lighten", *layers)


def sea(random: Random) -> str:
    """Rows of swell under a low sun."""
    layers = [sky(random)]
    for number, level in enumerate((170, 191, 212, 234, 255)):
        crests, height = 3 + (number * 2) % 5, 5 + 3 * number
        bow = f"{height}*abs(sin(PI*({crests}*X/{SHEET}+{random.random():.2f})))"
        layer = still(f"{level}*gt(Y,{190 + 36 * number}-{bow})")
        layers.append(scroll(layer, right=(-1) ** number * (14 + 12 * number)))
    return blend("lighten", *layers)


# --- Sports ----------------------------------------------------------------------------


def chevrons(random: Random) -> str:
    """Arrows in all inks, in a hurry."""
    period, slope, seed = random.choice((90, 120, 180)), random.uniform(0.5, 1.1), seed_of(random)
    along = f"(X-{slope:.2f}*abs(Y-180)+{SHEET})"
    band = f"mod(floor({along}/{period}*3),{SHEET // period * 3})"
    tint = ink(chance(band, "1", seed))
    stripe = f"if(lt(mod({along},{period // 3}),5),255,{tint})"
    return scroll(still(stripe), right=random.randint(90, 170))


def lanes(random: Random) -> str:
    """The bend of a running track, with the marks flying by."""
    half, lane = 360, random.choice((24, 30, 36))
    radius, angle = f"hypot(X-{half},Y-{half})", f"atan2(Y-{half},X-{half})"
    number = f"floor({radius}/{lane})"
    line = edge(f"abs(mod({radius},{lane})-{lane / 2})-{lane * 0.42:.1f}")
    dash = f"lt(mod({angle}/PI*{random.choice((12, 16, 20))}+{number}*0.37,2),0.35)"
    lane_tint = f"(20+54*mod({number},2)+90*eq(mod({number},5),2))"
    ground = f"({line}*({lane_tint}+110*{dash})+(1-{line})*191)*lt({radius},356)"
    corner = random.choice(((230, 260), (410, 260), (320, 180), (320, 60)))
    return spin(still(ground, 720, 720), sign(random) * 0.35, *corner, 720)


def ball(random: Random) -> str:
    """A ball bouncing across a marked court."""
    bay, size = random.choice((120, 180, 240)), random.randint(34, 58)
    marks = edge(f"min(abs(mod(X,{bay})-{bay / 2}),abs(Y-{random.randint(150, 230)}))-3")
    arc = edge(f"abs(hypot(X-320,Y-180)-{random.randint(80, 130)})-3")
    court = f"max(28+50*gt(mod(X,{bay * 2}),{bay}),128*max({marks},{arc}))"
    seam = edge(f"abs(hypot(X-64-{size},Y-64)-{size * 0.9:.0f})-2")
    shape = f"(250-60*{seam})*{edge(f'hypot(X-64,Y-64)-{size}')}"
    pace, hop = random.uniform(90, 140), random.uniform(2.2, 3.2)
    path = (
        f"mod({pace:.0f}*t+{random.randint(0, 200)},{WIDTH})",
        f"{HEIGHT - size - 12}-{random.randint(170, 230)}*abs(sin({hop:.2f}*t+0.9))",
    )
    return blend("lighten", still(court, WIDTH), stamp(shape, 128, *path))


def pennants(random: Random) -> str:
    """Rows of little flags pulled through the picture."""
    layers = [still(f"20+50*Y/{HEIGHT}", WIDTH)]
    for number in range(3):
        width, seed = random.choice((60, 72, 90)), seed_of(random)
        rope = f"({18 + 116 * number}+16*sin(2*PI*X/{SHEET}*2+{number}))"
        flag = edge(f"max({rope}-Y,Y-{rope}-92+1.9*abs(mod(X,{width})-{width / 2})*{90 / width})")
        tint = f"(64*(1.6+floor(2.9*{chance(f'floor(X/{width})', '1', seed)})))"
        cord = f"255*{edge(f'abs(Y-{rope})-2')}"
        layer = still(f"max({tint}*{flag},{cord})")
        layers.append(scroll(layer, right=(-1) ** number * random.randint(40, 90)))
    return blend("lighten", *layers)


# --- Games -----------------------------------------------------------------------------


def sprites(random: Random) -> str:
    """Ranks of small mirrored creatures, no two alike, marching."""
    seed = seed_of(random)
    column = "min(mod(X,12),10-mod(X,12))"
    where = f"(floor(X/12)*17+{column})", "(floor(Y/12)*31+mod(Y,12))"
    inside = "lt(mod(X,12),11)*lt(mod(Y,12),10)*gt(mod(X,12),0)*gt(mod(Y,12),1)"
    body = f"gt({chance(*where, seed)},0.42)*{inside}"
    tint = f"(63.75*(1+floor(3.99*{chance('floor(X/12)', 'floor(Y/12)', seed + 1)})))"
    zoom = random.choice((4, 6, 8))
    small = still(f"{tint}*{body}", 180, 96)
    grown = f"{small},scale=iw*{zoom}:ih*{zoom}:flags=neighbor"
    march = f"floor(t*3+{random.randint(0, 4)})*{zoom}"
    return wander(grown, f"10+{march}", f"0+{zoom}*mod(floor(t*3),2)")


def maze(random: Random) -> str:
    """Slashes and backslashes that happen to be a labyrinth."""
    size, seed = random.choice((36, 45, 60)), seed_of(random)
    flip = f"gt({cell_chance(size, seed)},0.5)"
    u, v = f"mod(X,{size})", f"mod(Y,{size})"
    wall = edge(f"abs(if({flip},{u}-{v},{u}+{v}-{size}))-{size * 0.2:.1f}")
    ends = edge(f"{size * 0.86:.1f}-abs(if({flip},{u}+{v}-{size},{u}-{v}))")
    level = f"(110+145*{chance(f'floor(X/{size * 4})', f'floor(Y/{size * 3})', seed + 2)})"
    picture = f"max(26,{level}*max({wall},{ends}*0.9))"
    return scroll(still(picture), sign(random) * random.randint(20, 50), random.randint(-20, 20))


def life(random: Random) -> str:
    """The game of life, with the dead fading slowly."""
    return (
        f"life=s=64x36:r=5:ratio={random.uniform(0.25, 0.4):.2f}:seed={seed_of(random)}:"
        "mold=12:life_color=white:death_color=0x909090:mold_color=0x303030:stitch=1,"
        f"fps={RATE},format=gray,scale={WIDTH}:{HEIGHT}:flags=neighbor"
    )


def blocks(random: Random) -> str:
    """Bricks falling into place, column by column."""
    seed, columns = seed_of(random), random.choice((16, 20, 32))
    rows = columns * 9 // 16
    drop = f"floor(T*(2+3*{chance('X', '1', seed)})+20*{chance('X', '2', seed)})"
    tint = ink(chance("floor(X/2)", f"floor((Y-{drop})/3)", seed))
    side = WIDTH / columns
    bevel = edge(f"max(abs(mod(X,{side})-{side / 2}),abs(mod(Y,{side})-{side / 2}))-{side * 0.44}")
    bricks = alive(tint, columns, rows, "neighbor")
    return blend("multiply", bricks, still(f"170+85*{bevel}", WIDTH))


# --- Art & Design ----------------------------------------------------------------------


def quarters(random: Random) -> str:
    """Quarter circles and squares, turned by chance: a poster that never settles."""
    size, seed = random.choice((90, 120, 180)), seed_of(random)
    turn, kind = cell_chance(size, seed), cell_chance(size, seed + 1)
    u = f"if(gt(mod({turn}*4,2),1),mod(X,{size}),{size}-mod(X,{size}))"
    v = f"if(gt({turn},0.5),mod(Y,{size}),{size}-mod(Y,{size}))"
    quarter = f"hypot({u},{v})-{size}"
    middle = f"hypot({u}-{size / 2},{v}-{size / 2})-{size * 0.36}"
    shape = f"if(gt({kind},0.72),{middle},if(gt({kind},0.16),{quarter},{u}-{size / 2}))"
    front, back = ink(cell_chance(size, seed + 2)), ink(cell_chance(size, seed + 5))
    picture = f"if(lt({shape},0),{front},{back})"
    return scroll(still(picture), sign(random) * random.randint(14, 36), random.choice((0, 14)))


def overprint(random: Random) -> str:
    """Three big shapes printed over each other, each overlap a new colour."""
    layers = []
    corners_of = random.sample((0, 0, 3, 4, 6), 3)
    for number, (level, corners) in enumerate(zip((64, 64, 127), corners_of, strict=True)):
        size = random.randint(110, 165)
        radius, angle = "hypot(X-200,Y-200)", "atan2(Y-200,X-200)"
        side = f"cos(mod({angle}+9,2*PI/{corners})-PI/{corners})" if corners else "1"
        reach = size * (0.65 if corners == 3 else 1)  # a triangle is twice as wide as this
        shape = f"{level}*{edge(f'{radius}*{side}-{reach}')}"
        start, pace = random.uniform(0, 1) + 2.1 * number, random.uniform(0.5, 1.0)
        path = (f"320+170*cos({pace:.2f}*t+{start:.2f})", f"180+70*sin({pace:.2f}*t+{start:.2f})")
        layers.append(stamp(shape, 400, *path))
    return blend("addition", *layers)


def ribbons(random: Random) -> str:
    """Broad brush strokes flowing side by side."""
    bands, lean, seed = random.choice((8, 12, 16)), random.choice((-1, 0, 1)), seed_of(random)
    bend = f"{random.randint(24, 60)}*sin(2*PI*({random.choice((1, 2))}*X/{SHEET}))"
    across = f"(Y+{bend}+{lean}*X/2+{HEIGHT * 2})"
    stroke = f"floor({across}*{bands}/{HEIGHT})"
    bristle = f"10*sin({across}*1.1+3*sin(X/70))"
    tint = ink(chance(f"mod({stroke},{bands})", "4", seed))
    strokes = still(f"clip({tint}+{bristle},0,255)")
    return scroll(strokes, right=sign(random) * random.randint(40, 90))


def confetti(random: Random) -> str:
    """Cut paper: bars, dots and bows scattered over a sheet."""
    size, seed = random.choice((60, 72, 90)), seed_of(random)
    along, across, setup = turned(size, f"PI*{cell_chance(size, seed)}")
    kind, radius = cell_chance(size, seed + 3), "hypot(ld(3),ld(4))"
    bar = f"max(abs({along})-{size * 0.34},abs({across})-{size * 0.1})"
    dot = f"{radius}-{size * 0.24}"
    bow = f"max(abs({radius}-{size * 0.26})-{size * 0.08},{across})"
    shape = f"if(gt({kind},0.66),{bar},if(gt({kind},0.33),{dot},{bow}))"
    tint = f"(63.75*(1+floor(3.99*{cell_chance(size, seed + 6)})))"
    return scroll(still(f"{setup};{tint}*{edge(shape)}"), sign(random) * 22, random.randint(14, 40))


# --- History ---------------------------------------------------------------------------


def arcade(random: Random) -> str:
    """Two rows of arches passing each other in front of an old sky."""
    layers = [still(f"150+105*Y/{HEIGHT}", WIDTH)]
    for number, (bay, top, level) in enumerate(((120, 60, 110), (180, 130, 30))):
        opening, spring = bay * 0.36, top + bay * 0.55
        u = f"abs(mod(X,{bay})-{bay / 2})"
        hole = edge(f"if(lt(Y,{spring}),hypot({u},Y-{spring}),{u})-{opening:.1f}")
        band = edge(f"abs(if(lt(Y,{spring}),hypot({u},Y-{spring}),{u})-{opening + 5:.1f})-3")
        course = f"14*lt(mod(Y+{bay},{24 + 6 * number}),2)"
        stone = f"{level}+26*{band}+{course}+10*gt(Y,{top + 6})"
        wall = f"if(lt(Y,{top}),255,if(gt({hole},0.5),255,{stone}))"
        layers.append(scroll(still(wall), right=(random.randint(16, 30), -52)[number]))
    return blend("darken", *layers)


def gears(random: Random) -> str:
    """Wheels with teeth, turning each other."""
    pitch, level = 9, 120
    layers = [still(f"18+46*(Y+X/4)/{HEIGHT}", WIDTH)]
    x, y = random.randint(110, 190), random.randint(120, 240)
    for number, teeth in enumerate(random.sample((14, 20, 24, 30), 3)):
        reach = teeth * pitch / 2
        layers.append(_gear(teeth, reach, level + 55 * number, (-1) ** number, x, y))
        x, y = x + int(reach * 1.55) + 26, y + random.choice((-46, 40))
    return blend("lighten", *layers)


def _gear(teeth: int, reach: float, level: int, way: int, x: int, y: int) -> str:
    size = int(reach * 2 + 24)
    half, spokes = size / 2, 4 + teeth % 3
    radius, angle = f"hypot(X-{half},Y-{half})", f"atan2(Y-{half},X-{half})"
    outline = f"{radius}-{reach:.0f}-clip(9*sin({teeth}*{angle}),-5,5)"
    spoke = f"0.25-abs(sin({spokes}/2*{angle}))"
    window = f"max(abs({radius}-{reach * 0.55:.0f})-{reach * 0.2:.0f},{spoke})"
    ring = edge(f"abs({radius}-{reach * 0.84:.0f})-1.5")
    face = f"{edge(outline)}*(1-{edge(window)})*gt({radius},{reach * 0.1:.0f})"
    return spin(still(f"{face}*({level}+25*{ring})", size, size), way * 12 / teeth, x, y, size)


def tiles(random: Random) -> str:
    """A glazed wall: one drawing repeated and mirrored until it becomes a pattern."""
    size, rays = random.choice((90, 120, 180)), random.choice((4, 8))
    u, v = f"abs(mod(X,{size})-{size / 2})", f"abs(mod(Y,{size})-{size / 2})"
    middle, corner = f"hypot({u},{v})", f"hypot({size / 2}-{u},{size / 2}-{v})"
    star = f"{middle}*(1+{random.uniform(0.15, 0.4):.2f}*cos({rays}*atan2({v},{u})))"
    ring_a, ring_b = random.uniform(0.3, 0.4), random.uniform(0.14, 0.24)
    drawing = (
        f"if(lt({star},{size * ring_b:.1f}),255,if(lt({star},{size * ring_a:.1f}),191,"
        f"if(lt({corner},{size * ring_b:.1f}),128,if(lt({corner},{size * ring_a:.1f}),"
        f"if(lt(mod({corner},9),4),128,64),if(lt(abs({u}-{v}),{size * 0.03:.1f}),191,20)))))"
    )
    return scroll(still(drawing), sign(random) * random.randint(18, 40), random.choice((0, 18)))


def carpet(random: Random) -> str:
    """Sierpinski's carpet and its triangle, woven."""
    kind = random.choice(("carpet", "triangle"))
    across, along = random.randint(18, 40), random.randint(14, 30)
    shade = alive(f"165+90*sin(X/{across}+T)*cos(Y/{along})", 160, 90)
    woven = (
        f"sierpinski=s=320x180:r={RATE}:type={kind}:seed={seed_of(random)}:jump=2,"
        f"format=gray,gblur=sigma=0.6,scale={WIDTH}:{HEIGHT}:flags=bicubic,"
        "lutyuv=y='60+val*0.75'"
    )
    return blend("multiply", woven, shade)


# --- Technology ------------------------------------------------------------------------


def lamps(random: Random) -> str:
    """A wall of lamps, with weather going through it."""
    side = random.choice((16, 20, 40))
    field = (
        f"perlin=s={WIDTH // side}x{HEIGHT // side}:r={RATE}:octaves=1:tscale=1.2:"
        f"random_mode=seed:random_seed={seed_of(random)}:xscale=3:yscale=2.4,format=gray,"
        f"scale={WIDTH}:{HEIGHT}:flags=neighbor,lutyuv=y='clip((val-60)*2,30,255)'"
    )
    distance = random.choice(
        (f"hypot(mod(X,{side})-{side / 2},mod(Y,{side})-{side / 2})-{side * 0.4}",
         f"max(abs(mod(X,{side})-{side / 2}),abs(mod(Y,{side})-{side / 2}))-{side * 0.38}")
    )  # fmt: skip
    return blend("multiply", field, still(f"50+205*{edge(distance)}", WIDTH))


def traces(random: Random) -> str:
    """Copper tracks that turn at every cell, with a current running across."""
    size, seed = random.choice((36, 45, 60)), seed_of(random)
    flip = f"gt({cell_chance(size, seed)},0.5)"
    u, v = f"if({flip},mod(X,{size}),{size}-mod(X,{size}))", f"mod(Y,{size})"
    near, far = f"hypot({u},{v})", f"hypot({size}-({u}),{size}-{v})"
    track = edge(f"min(abs({near}-{size / 2}),abs({far}-{size / 2}))-{size * 0.13:.1f}")
    pad = edge(f"hypot({u}-{size / 2},{v}-{size / 2})-{size * 0.12:.1f}")
    board = scroll(still(f"max(40,max(255*{track},150*{pad}))"), sign(random) * 20, 0)
    current = alive(f"140+115*sin(X/{random.randint(12, 22)}+Y/17-T*4)", 160, 90)
    return blend("multiply", board, current)


def automaton(random: Random) -> str:
    """Each row computed from the row above by one fixed rule."""
    rule = random.choice((30, 45, 54, 60, 105, 110, 150))
    cell = random.choice((8, 10))
    width, height = WIDTH // cell, HEIGHT // cell
    rows = (
        f"cellauto=s={width}x{height}:r=10:rule={rule}:ratio=0.4:random_seed={seed_of(random)}:"
        f"full=1:scroll=1,fps={RATE},format=gray,scale={WIDTH}:{HEIGHT}:flags=neighbor"
    )
    shade = alive(f"150+105*sin(X/{random.randint(20, 34)}+T)*cos(Y/19)", 160, 90)
    return blend("multiply", f"{rows},lutyuv=y='60+val*0.76'", shade)


def packets(random: Random) -> str:
    """Messages of different lengths running along parallel wires."""
    rows, seed = random.choice((9, 12, 15)), seed_of(random)
    gap = HEIGHT // rows
    layers = [still("24+14*sin(X/90)", WIDTH)]
    for number in range(3):
        mine = f"eq(mod(floor(Y/{gap}),3),{number})"
        start = f"{chance(f'floor(Y/{gap})', '1', seed)}*240"
        place = f"mod(X+{start},240)"
        length = f"(50+110*{chance(f'floor(Y/{gap})', f'mod(floor((X+{start})/240),3)', seed + 1)})"
        pill = edge(
            f"hypot(max(abs({place}-120)-{length}/2,0),mod(Y,{gap})-{gap / 2})-{gap * 0.34:.1f}"
        )
        tint = f"(110+145*{place}/240)"
        layer = still(f"if({mine},{tint}*{pill},0)")
        layers.append(scroll(layer, right=(1, -1, 1)[number] * random.randint(60, 150)))
    return blend("lighten", *layers)


# --- Wellness --------------------------------------------------------------------------


def breath(random: Random) -> str:
    """Soft rings that widen and narrow at the pace of sleep."""
    x, y, length = random.randint(50, 110), random.randint(32, 60), random.randint(9, 15)
    radius = f"hypot(X-{x},Y-{y})"
    return alive(f"128+110*cos({radius}/{length}-1.6*sin(T*0.8))*exp(-{radius}/170)", 160, 90)


def petals(random: Random) -> str:
    """A flower opening, one soft row of petals over another."""
    x, y, count = random.randint(56, 104), random.randint(32, 58), random.choice((5, 6, 8, 10))
    radius, angle = f"hypot(X-{x},Y-{y})", f"atan2(Y-{y},X-{x})"
    bloom = f"(1+0.12*sin(T*0.9))*(0.72+0.28*abs(cos({count}/2*{angle}+T*0.1)))"
    rows = f"{radius}/({random.randint(12, 18)}*{bloom})"
    return alive(f"st(0,{rows});clip(250-52*ld(0)+26*(mod(ld(0),1)-0.5),18,255)", 160, 90)


def dunes(random: Random) -> str:
    """Sand ridges lit from the side, hardly moving."""
    layers = []
    for number in range(3):
        line = (
            f"{70 + 95 * number}+{random.randint(20, 44)}"
            f"*sin(2*PI*({random.choice((1, 2))}*X/{SHEET}+{random.random():.2f}))"
        )
        lit = f"(1-0.75*clip((Y-({line}))/190,0,1))"
        layer = still(f"84*{edge(f'{line}-Y')}*{lit}")
        layers.append(scroll(layer, right=sign(random) * random.randint(10, 30)))
    return blend("addition", *layers)


def moon(random: Random) -> str:
    """A moon rising over quiet water, with its path of light."""
    x, size, water = random.randint(200, 440), random.randint(44, 70), random.randint(210, 250)
    glow = f"150*exp(-hypot(X-{x},Y-{water - 110})/210)"
    disc = f"250*{edge(f'hypot(X-{x},Y-{water - 110})-{size}')}"
    above = still(f"if(lt(Y,{water}),max(20+{glow},{disc}),0)", WIDTH)
    spread = f"abs(X-360)/({size}+(Y-{water})*0.5)"
    row = f"sin(Y*{random.uniform(0.3, 0.5):.2f}+2*sin(X/48))"
    path = f"if(gt(Y,{water}),34+200*exp(-{spread})*(0.55+0.45*{row}),0)"
    shimmer = wander(still(path), f"{360 - x}+6*sin(t*2)+0*{x}", "0")
    return blend("lighten", above, shimmer)


# --- Making ----------------------------------------------------------------------------


def weave(random: Random) -> str:
    """Warp over weft: twill, basket or herringbone, thread by thread."""
    thread = random.choice((9, 12, 15))
    step = random.choice(("X", "abs(mod(X,180)-90)", f"floor(X/{thread * 2})*{thread}*2"))
    over = f"lt(mod(floor({step}/{thread})+floor(Y/{thread}),4),2)"
    seed, stripe = seed_of(random), thread * random.choice((3, 4, 6))
    warp = f"(64*floor(5*{chance(f'floor(X/{stripe})', '1', seed)}))"
    weft = f"(64*floor(5*{chance(f'floor(Y/{stripe})', '2', seed)}))"
    roundness = f"if({over},sin(PI*mod(X,{thread})/{thread}),sin(PI*mod(Y,{thread})/{thread}))"
    cloth = f"clip(if({over},{warp},{weft})-26+26*{roundness},0,255)"
    return scroll(still(cloth), sign(random) * 24, random.randint(10, 24))


def quilt(random: Random) -> str:
    """Half-square triangles, pieced from what was in the bag."""
    size, seed = random.choice((60, 72, 90, 120)), seed_of(random)
    u, v = f"mod(X,{size})", f"mod(Y,{size})"
    half = f"if(gt({cell_chance(size, seed)},0.5),gt({u},{v}),gt({u}+{v},{size}))"
    patch = f"if({half},{ink(cell_chance(size, seed + 1))},{ink(cell_chance(size, seed + 2))})"
    stitch = f"lt(abs({u}-6)*lt(mod({v},10),6)+99*gte(mod({v},10),6),1)"
    dots = f"lt(mod(X,12)+mod(Y,12),5)*gt({cell_chance(size, seed + 3)},0.6)*40"
    picture = f"clip({patch}+40*{stitch}+{dots},0,255)"
    return scroll(still(picture), sign(random) * random.randint(14, 30), random.choice((0, -14)))


def grain(random: Random) -> str:
    """A planed board going past: rings, long lines and a knot or two."""
    x, y = random.randint(300, 420), random.randint(90, 270)
    knot = f"hypot((X-{x})/2.2,Y-{y})"
    flow = f"(Y+26*sin(2*PI*X/{SHEET})+60*exp(-{knot}/30)*(Y-{y})/(abs(Y-{y})+9))"
    lines = f"0.5+0.5*sin({flow}/{random.uniform(4.5, 8):.1f}+1.4*sin({flow}/37))"
    eye = edge(f"{knot}-{random.randint(8, 16)}")
    picture = f"(60+170*pow({lines},0.8)+14*sin(80*PI*X/{SHEET}+Y*3))*(1-0.8*{eye})"
    return scroll(still(f"clip({picture},0,255)"), right=sign(random) * random.randint(40, 80))


def stitches(random: Random) -> str:
    """Knitted rows with a pattern picked out in another wool."""
    side, seed, repeat = random.choice((18, 24)), seed_of(random), random.choice((5, 6, 10))
    height = f"((Y+0.8*abs(mod(X,{side})-{side / 2}))/{side / 1.5:.1f})"  # in rows
    column, row = f"floor(X/{side})", f"floor({height})"
    motif = f"abs(mod({column},{repeat * 2})-{repeat})", f"abs(mod({row},10)-5)"
    chosen = f"gt({chance(*motif, seed)},0.5)"
    tints = random.sample(INK, 3)
    wool = f"if({chosen},{tints[0]},if(gt(mod({row},20),9),{tints[1]},{tints[2]}))"
    bulge = f"30*abs(sin(PI*{height}))"
    seam = f"24*lt(abs(mod(X,{side})-{side / 2}),1.2)"
    return scroll(still(f"clip({wool}-30+{bulge}-{seam},0,255)"), 0, random.choice((-24, 24)))
