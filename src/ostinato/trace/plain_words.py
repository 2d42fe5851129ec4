"""Words that say nothing of anybody: what tasks, apps and this program are worded with, in lower case."""

from __future__ import annotations

_WORDS = """
a about after again all also an and another any are as at be because been before below beside between but by can
cannot could did do does doing done down each either else every for from further given had has have here how i if in
into is it its itself just last later least less like made many may me meanwhile more most must my near nearest
neither new next no nobody none nor not nothing now of off on once one only or other others our out over own per
please same second see seem shall should since so some still such than that the their them then there these they thing
things this those three to too two under until up us was we were what when where whether which while who whose why
will with within without would yet you your

accept accepted act action activate add added adding address allow allowed amount answer answered app apply apps
archive ask asked asks attach back begin begins bill bills book booking box browser button buy call called cancel
cancelled card cart category cell change changed changes check checkbox checked checks choice choices choose chosen
city clear cleared click close closed come comes confirm contact contacts contain contains continue copy cost count
create created currency current cut data date day decide decider delete deleted details dialog differ different
differs disable disabled download draft drag edit edited email empty enable enabled end ended enter entered entry
error event exact exactly exists expected expense expenses explain fail failed false field fill filled find finish
finished first fit fits folder follow follows form found friday get give go gone group hand handed happen happened
heading help hidden hold holds home hour image import insert invoice item items keep kept key keyboard know known
label leave left line link list listed listitem loaded log login logout look looked looks mail main make margin mark
match matches menu menuitem message minute miss missing mobile model monday month move moved much name named need
needs note notes nowhere number offer open opened opens option options order orders page paid passed password pay
payer payment permission person phone photo picture pin place placed play played point present press pressed price
print project purpose put quantity reach reached read ready record recorded recording recordings refuse refused remind
reminder remove removed rename repeat repeated replay reply report request required reset result results right row
rows run runs said saturday save saved say says screen script scroll search seconds select selected send sends sent
set setting settings share shared show shown shows sign slider smaller sort split start started state status step
steps stop stopped store stored submit sunday support switch system tab table tag tags take taken tap target task
tasks text textbox thursday time title today tomorrow total touch touched transfer true tuesday turn type typed
unknown unpaid update updated upload url use used user users value values verdict version view visible wait waited
want wanted wednesday week went whole word words write written wrong year yes yesterday

alert alertdialog article aspx banner columnheader com combobox contentinfo document figure generic gridcell html http
https img index localhost navigation net org php radio region rowheader searchbox spinbutton toolbar tooltip tree
treeitem www
"""
PLAIN = frozenset(_WORDS.split())
