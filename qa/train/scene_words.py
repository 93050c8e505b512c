"""Words that the made-up scenes are filled with."""

WORDS: dict[str, list[str]] = {
    "given": (
        "Anna Paul Maria Ahmed Fatima John Li Wei Kenji Amara Carlos Elena Viktor Olga Jamal Priya "
        "Ravi Lars Ingrid Chloe Pierre Giulia Marco Yusuf Leila Omar Nadia Thomas Grace Samuel Ruth Tariq Zainab"
    ).split(),
    "family": (
        "Berg Reyes Adler Fitch Ostrow Gannon Fuchs Khan Landau Lindqvist Moreau Rossi Tanaka Okafor Mensah Novak "
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
        "Halyard Steel,Orbex,Northwind Energy,Quayside Bank,Pacific Rail,Larkspur Foods,Beacon Media,Vantage Motors,"
        "Lumen Health,Ridgeway Shipping,Blue Harbor Airlines,Sable Mining,Delmar Chemicals,Fairlight Software"
    ).split(","),
    "R": (
        "mayor,fire chief,school superintendent,harbor master,town clerk,sheriff,county treasurer,parish priest,"
        "librarian,head of the water works,district attorney,coroner,police chief,museum director,hospital director,"
        "head teacher,emergency manager,deputy mayor,town engineer,council leader"
    ).split(","),
    "G": (
        "the teachers' union,the dockers' union,Local 41,Local 217,the water district,the chamber of commerce,"
        "the school board,the housing association,the rowing club,the farmers' league,the tenants' council,"
        "the nurses' union,the library trust,the bakers' guild,the fishing cooperative,the transport workers"
    ).split(","),
    "V": (
        "the town hall,the Grand Hotel,the gym of the high school,St. Mary's church,the Riverside Motel,the old mill,"
        "the county courthouse,the fairground,the Memorial Library,the ferry terminal,the sports hall,"
        "the Seaview Conference Center,a tent by the lake,the union's office"
    ).split(","),
    "D": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "W": ("two-day,three-day,four-day,week-long,five-day,two-week,month-long,ten-day,three-week,one-day").split(","),
    "I": (
        "grain,copper,fighter jets,vaccines,timber,natural gas,rice,satellites,medicines,steel,turbines,wheat,"
        "fertiliser,patrol boats,school books,generators"
    ).split(","),
}
