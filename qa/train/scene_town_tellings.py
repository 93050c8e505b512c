"""More made-up scenes, as local papers tell them: people by their office, places of meetings, votes and sums.

Besides the slots of `scene_tellings`: A an age, R an office in a town, G a body that somebody
heads, V where people meet.
"""

from qa.train.scene_tellings import Asked

_OFFICES: Asked = [
    ("Who is the {R8} of {L8}?", ""),
    ("who is the {R9}", ""),
    ("Who chairs {G9}?", ""),
    ("What is {P9}'s job?", ""),
    ("What is the name of {P1}'s wife?", ""),
]

TOWN_TELLINGS: dict[str, Asked] = {
    "{L1} will close its bridge for repairs, {R1} {P1} said on {D1}. The work costs {M1} and takes until {Y1}. "
    "“Nobody likes a detour,” said {P2}, who chairs {G1}. {P3}, a baker, said customers would stay away.": [
        ("Who is the {R1} of {L1}?", "P1"),
        ("who is {L1}'s {R1}", "P1"),
        ("What is {P1}'s job?", "R1"),
        ("Who chairs {G1}?", "P2"),
        ("Who heads {G1}?", "P2"),
        ("Who said that nobody likes a detour?", "P2"),
        ("How much does the work cost?", "M1"),
        *_OFFICES,
    ],
    "{P1}, {R1} of {L1}, and {P2}, the {R2}, stood side by side at {V1} on {D1}. It was {P3}, president of {G1}, "
    "who had asked them to come. About {N1} people listened.": [
        ("Who is the {R1} of {L1}?", "P1"),
        ("Who is the {R2}?", "P2"),
        ("Who is president of {G1}?", "P3"),
        ("Who leads {G1}?", "P3"),
        ("Where did they speak?", "V1"),
        ("Who asked them to come?", "P3"),
        ("What office does {P2} hold?", "R2"),
        ("Who is the {R2} of {L9}?", ""),
        *_OFFICES,
    ],
    "{G1} chose a new meeting place on {D1}, {N1} for {V1} and {N2} for {V2}. {P1}, who presides over it, counted"
    " the raised hands; {P2}, {R1}, looked on. {P3} signed the lease for the owner, {O1}, and {P4} for the "
    "tenants.": [
        ("Who heads {G1}?", "P1"),
        ("Who is the president of {G1}?", "P1"),
        ("Who signed the lease for the owner?", "P3"),
        ("Who signed for the tenants?", "P4"),
        ("Who signed the lease?", "P3 P4"),
        ("How many were for {V1}?", "N1"),
        ("how many hands were raised for {V2}", "N2"),
        ("Which place was chosen?", "V1"),
        ("Who owns the place?", "O1"),
        ("Who is the {R1}?", "P2"),
        ("Who counted the hands?", "P1"),
        ("How much is the rent?", ""),
        ("When does the lease end?", ""),
        *_OFFICES,
    ],
    "The concert moved from {V1} to {V2} because of the rain, {P1} of {G1} said. It begins on {D1}, not on {D2}. "
    "{P2} conducts; {P3}, who was to sing, is ill, and {P4} takes the part.": [
        ("Where is the concert?", "V2"),
        ("Where was the concert to be at first?", "V1"),
        ("When is the concert?", "D1"),
        ("Who conducts?", "P2"),
        ("who is the conductor", "P2"),
        ("Who was to sing?", "P3"),
        ("Who sings?", "P4"),
        ("Who fell ill?", "P3"),
        ("For which group does {P1} speak?", "G1"),
        ("How long is the concert?", ""),
        ("How much is a ticket?", ""),
        *_OFFICES,
    ],
    "The {R1}, {P1}, put the damage at {M1}. {R2} {P2} had spoken of {M2} a day before. {N1} families sleep in "
    "{V1}, where {P3} of {G1} cooks for them.": [
        ("How much is the damage according to {P1}?", "M1"),
        ("How much was the damage said to be at first?", "M2"),
        ("Who is the {R1}?", "P1"),
        ("Who is the {R2}?", "P2"),
        ("Where do the families sleep?", "V1"),
        ("How many families had to leave?", "N1"),
        ("Who cooks for the families?", "P3"),
        ("Who put the damage at {M2}?", "P2"),
        ("How many people were killed?", ""),
        *_OFFICES,
    ],
    "{P1}, {A1}, a truck driver, was stopped on {D1} with {I1} worth {M1} under a load of {I2}. Customs officer "
    "{P2} had a hint from {P3}. The court fined {O1}, the haulier, {M2}; its owner, {P4}, has {N2} days to "
    "appeal.": [
        ("How old is {P1}?", "A1"),
        ("What was under the load?", "I1"),
        ("How much was it worth?", "M1"),
        ("Who gave the hint?", "P3"),
        ("Who is the customs officer?", "P2"),
        ("How much is the fine?", "M2"),
        ("Who was fined?", "O1"),
        ("Who owns {O1}?", "P4"),
        ("How many days are there to appeal?", "N2"),
        ("How old is {P4}?", ""),
        ("How many years in prison did {P1} get?", ""),
        ("Where was {P1} stopped?", ""),
        *_OFFICES,
    ],
    "{O1}, which {P1} founded in {Y1}, makes {I1} in {L1}. {P2}, a grandchild of the founder, is its president; "
    "the plant is managed by {P3}. It buys {I2} from {O2} and sells to {O3} and {O4}.": [
        ("Who founded {O1}?", "P1"),
        ("who started {O1}", "P1"),
        ("Who is the president of {O1}?", "P2"),
        ("Who manages the plant?", "P3"),
        ("who runs the plant of {O1} day to day", "P3"),
        ("Which companies buy from {O1}?", "O3 O4"),
        ("From whom does {O1} buy?", "O2"),
        ("What does {O1} make?", "I1"),
        ("When was {O1} founded?", "Y1"),
        ("Who founded {O2}?", ""),
        ("How many people work for {O1}?", ""),
        ("What is {P2}'s salary?", ""),
    ],
    "The organisers of the march in {L1} spoke of {N1} people, the police of {N2}. {P1}, who leads {G1}, walked "
    "in front; {P2}, {R1}, asked for calm. A year before, {N3} had come.": [
        ("How many people marched, according to the police?", "N2"),
        ("How many came, by the organisers' count?", "N1"),
        ("How many people marched?", "N1 N2"),
        ("How many came the year before?", "N3"),
        ("Who leads {G1}?", "P1"),
        ("Who is the {R1}?", "P2"),
        ("Where was the march?", "L1"),
        ("How many people were arrested?", ""),
        ("Who asked for calm?", "P2"),
        ("When was the march?", ""),
        *_OFFICES,
    ],
    "“We have waited for years,” {P1}, the {R1}, told {G1} in {V1}. {P2}, who is {R2}, answered that there was no"
    " money. “Then find some,” said {P3}.": [
        ("Who said that they had waited for years?", "P1"),
        ("Who said that there was no money?", "P2"),
        ("Who asked for money to be found?", "P3"),
        ("Who is the {R1}?", "P1"),
        ("Who is the {R2}?", "P2"),
        ("What is {P2}'s position?", "R2"),
        ("What post does {P1} hold?", "R1"),
        ("Where was it said?", "V1"),
        ("What post does {P3} hold?", ""),
        *_OFFICES,
    ],
    "The jury — {P1}, {P2} and {P3} — chose the design of {O1} in {V1} on {D1}. {P2} presided. {P4}, {R1} since "
    "{Y1}, will open the building; {P5}, who held that office before, had asked for it.": [
        ("Who sat on the jury?", "P1 P2 P3"),
        ("Who are the members of the jury?", "P1 P2 P3"),
        ("Who presided over the jury?", "P2"),
        ("Who is the {R1}?", "P4"),
        ("Who was {R1} before {P4}?", "P5"),
        ("Whose design was chosen?", "O1"),
        ("Where did the jury meet?", "V1"),
        ("Since when is {P4} the {R1}?", "Y1"),
        ("What is {P4}'s office?", "R1"),
        ("How much will the building cost?", ""),
        ("Who designed {V2}?", ""),
        *_OFFICES,
    ],
    "{P1} teaches in {L1}. {P2}, the {R1} of {L2}, is a cousin. When {L1}'s {R1}, {P3}, fell ill, it was {P2} who"
    " helped.": [
        ("Who is the {R1} of {L1}?", "P3"),
        ("Who is the {R1} of {L2}?", "P2"),
        ("Who is the {R1} of {L3}?", ""),
        ("Who fell ill?", "P3"),
        ("Who helped?", "P2"),
        ("Where does {P1} teach?", "L1"),
        ("What does {P1} teach?", ""),
        ("What is {P3}'s office?", "R1"),
    ],
    "The council of {L1} raised the fee from {M1} to {M2} on {D1}. {P1}, who voted against it, wanted {M3}. {P2},"
    " {R1}, said {L2} asks {M4}.": [
        ("What is the fee now?", "M2"),
        ("How much was the fee before?", "M1"),
        ("How much did {P1} want?", "M3"),
        ("How much does {L2} ask?", "M4"),
        ("Who voted against it?", "P1"),
        ("Who is the {R1}?", "P2"),
        ("Which council raised the fee?", "L1"),
        ("When was the fee raised?", "D1"),
        ("How much does {L3} ask?", ""),
        *_OFFICES,
    ],
    "{T1a} {P1} opened the meeting of {G1}, which {C1} has joined as a member. {P2}, now {T2} of {C2}, sent a "
    "letter. Next year’s meeting is in {C3}; the last was in {L1}.": [
        ("Who is the {T1}?", "P1"),
        ("What is {P1}'s title?", "T1"),
        ("what does {P2} do", "T2"),
        ("Who is the {T2} of {C2}?", "P2"),
        ("Who is the {T2} of {C1}?", ""),
        ("In which country will the next meeting be?", "C3"),
        ("Where was the last meeting?", "L1"),
        ("Who sent a letter?", "P2"),
        ("Which country joined?", "C1"),
        ("Who leads {G1}?", ""),
    ],
    "Rescuers found {N1} of the {N2} passengers alive. {P1}, who captained the ship, is among the {N3} missing. "
    "{P2}, spokeswoman for the coast guard, said it had left {L1} for {L2} on {D1}; {P3} owns it.": [
        ("How many passengers were rescued?", "N1"),
        ("How many people were aboard?", "N2"),
        ("How many are missing?", "N3"),
        ("Who was the captain?", "P1"),
        ("Who speaks for the coast guard?", "P2"),
        ("Who owns the ship?", "P3"),
        ("Where did the ship come from?", "L1"),
        ("Where was it going?", "L2"),
        ("When did it leave?", "D1"),
        ("What is the ship called?", ""),
        ("How many people died?", ""),
    ],
}
