"""What the conductor prints: the line pattern of a page, a request, a run, its beats and their handlers.

Texts are for ``str.format_map``. ``|`` begins a line that is written as it stands; all others get the prefix and the
time of the console wrapper. A name of one letter is a number of its own at each use: ``t`` the time, ``p`` the page's
clock, ``d`` a duration, ``n`` a count, ``h`` and ``i`` ids.
"""

from __future__ import annotations

FLOWS = (
    ("Parcel Intake", "ParcelPlugin", "Intake", "weigh measure register announce"),
    ("Label Print", "LabelPlugin", "Print", "resolve-template render send"),
    ("Shelf Assign", "ShelfPlugin", "Assign", "find-free reserve"),
    ("Route Plan", "RoutePlugin", "Plan", "collect-stops order-stops balance publish store"),
    ("Pallet Drag Move", "PalletPlugin", "Move", "update-position"),
    ("Pallet Select", "PalletPlugin", "Selection", "mark notify"),
    ("Stock Count", "StockPlugin", "Count", "open-sheet tally compare"),
    ("Driver Notify", "DriverPlugin", "Notify", "compose deliver"),
)
NESTED = {FLOWS[0]: FLOWS[1], FLOWS[3]: FLOWS[7]}
"""Flows whose last handler asks for another one, which is never asked for in any other way."""

PAGE = """\
|Navigated to http://localhost:5173/
🎼 Initializing new conductor instance
🧪 Startup validation: {{routes: {n}, topics: {n}, plugins: 8}}"""

REQUEST = """\
[EventRouter.publish] CP1 ENTRY at {t}
[EventRouter.publish] CP2 AFTER DEF LOOKUP ({n}ms)
[EventRouter] Topic '{topic}' definition: {{routes: 1, hasThrottle: false, hasDebounce: false}}
|consoleListener.ts:23 [RX DIAG] {t} [EventRouter] (debug) publish({topic}) {{topic: '{topic}', routes: 1}}
[EventRouter] resolvedConductor id=rxc-{h} (global id=rxc-{h}) for '{topic}'
[EventRouter.publish] CP3 DELIVER START at {t}
[EventRouter] Starting delivery for '{topic}' with 1 routes
[topics] Routing '{topic}' -> {plugin}::{id} (hasPlay=true)
[EventRouter.publish] CP4 BEFORE conductor.play() for {plugin}::{id} at {t}
[EventRouter] 🕐 About to fire-and-forget conductor.play() at perf={p}ms
🎼 MusicalConductor.play ENTRY: pluginId={plugin}, sequenceId={id} at {t} (perf={p}ms)
🎼 PluginInterfaceFacade.play(): {plugin} -> {id}
🎼 SequenceOrchestrator: Recording sequence execution: {h}
🎼 ExecutionQueue: Enqueued "{name}" with priority NORMAL (Queue size: 1)
🎼 SequenceOrchestrator: Sequence "{name}" (id: {id}) queued successfully
[EventRouter.publish] CP5 AFTER conductor.play() initiated (not awaited) at {t}
[EventRouter.publish] CP3 DELIVER END at {t} ({n}ms)
[EventRouter.publish] CP6 EXIT at {t}, total publish time: {n}ms"""

START = """\
🎼 ExecutionQueue: Dequeued "{name}"
📊 StatisticsManager: Recorded sequence execution (0.00ms)
🎼 ExecutionQueue: Now executing "{name}"
🎼 SequenceExecutor: Executing movement "{movement}" (1/1)
🎵 MovementExecutor: Starting movement "{movement}" with {beats} beats
⏱️ PerformanceTracker: Started timing movement {movement} for {name}
🎵 Movement Started: {movement} ({beats} beats)
|EventLogger.ts:210 🎵 Movement Started: {movement} ({beats} beats)
🎼 Sequence: {name}
🆔 Request ID: {request}
🥁 Beats Count: {beats}"""

BEAT = """\
🥁 MovementExecutor: Executing beat {beat} ({beat}/{beats})
⏱️ PerformanceTracker: Started timing beat {beat} for {name}
🎵 Beat {beat} Started: {title} ({event})
|EventLogger.ts:143 🎵 Beat {beat} Started: {title} ({event})
🎼 Sequence: {name}
🎵 Movement: Movement {beat}
📊 Beat: {beat}
🎯 Event: {event}
{{sequence: '{name}', movement: 'Movement {beat}', beat: {beat}, type: 'UNKNOWN', timing: 'immediate', …}}
🕐 [BEAT EXECUTOR] About to emitAsync for event "{event}" at {t} (perf: {p}ms)
🕐 [EVENTBUS] emitAsync CALLED for "{event}" at {t} (perf: {p}ms)
|consoleListener.ts:23 [RX DIAG] {t} [EventBus] (debug) emitAsync("{event}") called {{eventName: '{event}', …}}
🕐 [EVENTBUS] Found 1 subscriber(s) for "{event}"
🕐 [EVENTBUS] Calling subscriber 0 for "{event}" at {t} (perf: {p}ms)
🕐 [EVENTBUS] Subscriber 0 for "{event}" returned (sync) at {t} (perf: {p}ms)
🕐 [EVENTBUS] Subscriber 0 sync execution took {d}ms
🕐 [EVENTBUS] About to await Promise.allSettled for "{event}" with 1 task(s)"""

RESOLVED = """\
🕐 [EVENTBUS] Subscriber 0 for "{event}" promise resolved at {t} (perf: {p}ms)
🕐 [EVENTBUS] Subscriber 0 total execution took {d}ms"""

FAILED = """\
🧠 PluginManager: Handler execution failed for {plugin}.{handler}: Error: no stock for {n}
|    at {handler} ({plugin}.ts:{n}:17)
|    at async PluginManager.run (PluginManager.ts:214:9)
|    at async Promise.allSettled (index 0)"""

UNCHANGED = "🎽 DataBaton: No changes | seq={name} beat=? event={event} handler={handler}"
CHANGED = (
    "🎽 DataBaton: +parcel,shelf | seq={name} beat=? event={event} handler={handler} plugin={plugin} req={request} "
    'preview={{"parcel":{{"number":{n},"weight":{d},"tag":"{h}"}},"shelf":{n}}}'
)

SETTLED = """\
🕐 [EVENTBUS] Promise.allSettled completed for "{event}" at {t} (perf: {p}ms)
🕐 [EVENTBUS] Total emitAsync execution for "{event}" took {d}ms
|consoleListener.ts:23 [RX DIAG] {t} [EventBus] (debug) emitAsync("{event}") done {{event: '{event}', durationMs: {d}}}
🕐 [BEAT EXECUTOR] emitAsync returned for event "{event}" at {t} (perf: {p}ms)
🕐 [BEAT EXECUTOR] emitAsync took {d}ms
🎽 DataBaton: No changes | seq={name} beat={beat} event={event} handler=?
⏱️ PerformanceTracker: Beat {beat} completed in {took}.00ms
✅ Completed in {took}.00ms
✅ BeatExecutor: Beat {beat} ({event}) completed in {took}ms"""

END = """\
⏱️ PerformanceTracker: Movement {movement} completed in {d}ms
✅ Movement completed in {d}ms
🥁 Beats executed: {beats}
✅ MovementExecutor: Movement "{movement}" completed successfully
🎼 ExecutionQueue: Marked "{name}" as completed (Total completed: {n})
✅ SequenceExecutor: Sequence "{name}" completed in {n}ms"""
