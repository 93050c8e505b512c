"""Words that the made-up scenes are filled with."""

WORDS: dict[str, list[str]] = {
    "given": (
        "Anna Paul Maria Ahmed Fatima John Li Wei Kenji Amara Carlos Elena Viktor Olga Jamal Priya "
        "Ravi Lars Ingrid Chloe Pierre Giulia Marco Yusuf Leila Omar Nadia Thomas Grace Samuel Ruth Tariq Zainab"
    ).split(),
    "family": (
        "Berg Reyes Adler Fitch Ostrow Gannon Rooke Khan Landau Lindqvist Moreau Rossi Tanaka Okafor Mensah Novak "
        "Petrov Silva Herrera Haddad Rahman Iyer Banerjee Kowalski Nilsen Dubois Conti Yamada Chen Zhao Park Nguyen "
        "Brandt Keller Whitfield Hargreave Osei Mbeki Farooqi Qureshi Malik Aziz Lopez Navarro"
    ).split(),
    "C": (
        "Norway/Norwegian,Chile/Chilean,Sweden/Swedish,India/Indian,Kenya/Kenyan,Peru/Peruvian,Japan/Japanese,"
        "Egypt/Egyptian,Poland/Polish,Turkey/Turkish,Brazil/Brazilian,Canada/Canadian,Iran/Iranian,Ghana/Ghanaian,"
        "Vietnam/Vietnamese,Portugal/Portuguese,France/French,China/Chinese,Russia/Russian,Mexico/Mexican,"
        "the United States/US,Britain/British,Ukraine/Ukrainian,Nepal/Nepalese,Jordan/Jordanian,Finland/Finnish"
    ).split(","),
    "L": (
        "Oslo,Lima,Geneva,Nairobi,Doha,Vienna,Tashkent,Lahore,Osaka,Porto,Gdansk,Cairo,Quito,Hanoi,Accra,Toronto,"
        "Marseille,Izmir,Leeds,Denver,Kathmandu,Amman,Santiago,Dublin,Jakarta,Riga"
    ).split(","),
    "T": (
        "foreign minister,deputy secretary,deputy trade minister,coordinator for energy,chief negotiator,"
        "finance minister,ambassador to Austria,head of the water board,director of the health institute,"
        "commissioner for migration,interior minister,chief of police,special envoy for the climate,"
        "minister of justice,central bank governor,undersecretary for trade,speaker of parliament"
    ).split(","),
    "O": (
        "Halyard Steel,Orbex,Northwind Energy,Castile Bank,Pacific Rail,Marbeck Foods,Tolliver Media,Kessing Motors,"
        "Lumen Health,Ridgeway Shipping,Blue Harbor Airlines,Sable Mining,Ostrow Chemicals,Fairlight Software"
    ).split(","),
    "D": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "W": ("two-day,three-day,four-day,week-long,five-day,two-week,month-long,ten-day,three-week,one-day").split(","),
    "I": (
        "grain,copper,fighter jets,vaccines,timber,natural gas,rice,satellites,medicines,steel,turbines,wheat,"
        "fertiliser,patrol boats,school books,generators"
    ).split(","),
}
