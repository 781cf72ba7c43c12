"""What other programs export, column by column as they do, of people of our own making."""

MAILCHIMP = (
    "Email Address,First Name,Last Name,Address,Phone Number,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,"
    "LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
    'here@example.org,Ève,Ici,"1 rue X, 35000 Rennes",,2,"2021-03-07 09:00:00",,"2021-03-07 10:22:11",,,,,,,FR,BRE,'
    '"2022-01-01 00:00:00",1,a,,"""maire"",""élue"""\n'
)
MAILCHIMP_LEFT = (
    "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,LAST_CHANGED,UNSUB_TIME,"
    "UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS\n"
    'left@example.org,Paul,Parti,2,,,,"2024-05-05 11:11:11",Lettre 12,77,NORMAL,,1,a,,\n'
    'spam@example.org,Sam,Parti,2,,,,"2024-05-05 11:11:11",Lettre 12,77,ABUSE,,2,b,,\n'
    "blank@example.org,Ben,Parti,2,,,,,,,,,3,c,,\n"
)
MAILCHIMP_CLEANED = (
    "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,"
    "CLEAN_CAMPAIGN_ID,LEID,EUID,NOTES,TAGS\n"
    'bounced@example.org,Bo,Rebond,2,,,"2024-05-05 11:11:11",Lettre 12,77,1,a,,\n'
)
BREVO = (
    "CONTACT ID;EMAIL;PRENOM;NOM;SMS;EMAIL_BLACKLISTED;SMS_BLACKLISTED;DOUBLE_OPT-IN;OPT_IN;ADDED_TIME;MODIFIED_TIME\n"
    "1;here@example.org;Ève;Ici;;false;false;1;true;07-03-2021 10:00:00;08-03-2021 10:00:00\n"
    "2;left@example.org;Paul;Parti;;true;false;1;true;07-03-2021 10:00:00;08-03-2021 10:00:00\n"
    "3;pending@example.org;Ana;Attente;;false;true;No;;07-03-2021 10:00:00;08-03-2021 10:00:00\n"
)
BREVO_NEW = (
    "EMAIL,FIRSTNAME,LASTNAME,EMAIL_BLOCKLISTED,SMS_BLOCKLISTED,ADDED_TIME,MODIFIED_TIME\n"
    "here@example.org,Ève,Ici,No,Yes,07-03-2021,08-03-2021\n"
    "left@example.org,Paul,Parti,Yes,No,07-03-2021,08-03-2021\n"
)
BREVO_CHANNELS = (
    "EMAIL,FIRSTNAME,LASTNAME,_listIds,_SUBSCRIBED,_BLOCKLISTED,ADDED_TIME,MODIFIED_TIME\n"
    "here@example.org,Ève,Ici,3,email_marketing,sms_marketing,07-03-2021,08-03-2021\n"
    'left@example.org,Paul,Parti,3,,"sms_marketing,email_marketing",07-03-2021,08-03-2021\n'
)
MAILJET = (
    "Email,Name,CreatedAt,IsExcludedFromCampaigns,IsOptInPending,IsSpamComplaining,UnsubscribedAt\n"
    "here@example.org,Ève Ici,2021-03-07T10:00:00Z,false,false,false,\n"
    "excluded@example.org,Paul Parti,2021-03-07T10:00:00Z,true,false,false,\n"
    "left@example.org,Paul Parti,2021-03-07T10:00:00Z,false,false,false,2022-01-01T00:00:00Z\n"
    "pending@example.org,Ana Attente,2021-03-07T10:00:00Z,false,true,false,\n"
    "spam@example.org,Sam Spam,2021-03-07T10:00:00Z,false,false,true,\n"
)
HUBSPOT = (
    '"Record ID - Contact","First Name","Last Name","Email","Phone Number","Contact owner",'
    '"Unsubscribed from all email","Opted out of email: Marketing Information","Email hard bounce reason",'
    '"Marketing emails bounced","Lead Status","Create Date"\n'
    '"1","Ève","Ici","here@example.org","","","","","","2","Open","2021-03-07 10:22"\n'
    '"2","Paul","Parti","left@example.org","","","true","","","0","Open","2021-03-07 10:22"\n'
    '"3","Pia","Partie","some@example.org","","","","Yes","","0","Open","2021-03-07 10:22"\n'
    '"4","Bo","Rebond","bounced@example.org","","","false","","OTHER","1","Open","2021-03-07 10:22"\n'
)
HUBSPOT_FR = (
    "ID de l’enregistrement;Prénom;Nom;E-mail;Désabonné de tous les e-mails\n"
    "1;Ève;Ici;here@example.org;\n2;Paul;Parti;left@example.org;true\n"
)
LISTMONK = (
    "uuid,email,name,attributes,status,created_at,updated_at\n"
    'u-1,here@example.org,Ève Ici,"{""ville"": ""Auch"", ""élus"": [""maire"", 2], ""x"": {}, ""ok"": true}",enabled,'
    "2021-03-07T10:00:00Z,2023-01-02T10:00:00Z\n"
    "u-2,left@example.org,Paul,{},blocklisted,2021-03-07T10:00:00Z,2023-01-02T10:00:00Z\n"
    "u-3,off@example.org,Paul,not json,disabled,2021-03-07T10:00:00Z,2023-01-02T10:00:00Z\n"
)
KEILA = (
    "Email,First name,Last name,Data,Status\n"
    'here@example.org,Ève,Ici,"{""ville"":""Auch""}",active\n'
    "left@example.org,Paul,Parti,,unsubscribed\n"
    "bounced@example.org,Bo,Rebond,,unreachable\n"
)
GHOST = (
    "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\n"
    '1,here@example.org,Ève Ici,,true,false,,2021-03-07T00:00:00.000Z,,"maire, élue",\n'
    "2,left@example.org,Gil,,false,false,,2021-03-07T00:00:00.000Z,,,\n"
    "3,gone@example.org,Gil,,true,false,,2021-03-07T00:00:00.000Z,2022-01-01T00:00:00.000Z,,\n"
)
SYMPA = (
    "email;gecos;date;reception;visibility\n"
    "here@example.org;Ève Ici;1615108931;mail;noconceal\n"
    "left@example.org;Paul Parti;1615108931;nomail;conceal\n"
)
MAILMAN = (
    "email,display_name,delivery_mode,delivery_status,role,moderation_action\n"
    "here@example.org,Ève Ici,regular,enabled,member,\n"
    "left@example.org,Paul,regular,by_user,member,\n"
    "bounced@example.org,Bo,regular,by_bounces,member,\n"
)
OUTLOOK = (
    '"Titre","Prénom","Deuxième prénom","Nom","Suffixe","Société","Service","Département","Rue (bureau)",'
    '"Adresse de messagerie","Type de messagerie","Nom complet de l\'adresse de messagerie",'
    '"Adresse de messagerie 2","Catégories"\n'
    '"Maire","Ève","","Ici","","Mairie","DGS","Gers","1 rue X","here@example.org","SMTP",'
    '"Ève Ici (here@example.org)","other@example.org","élus;presse"\n'
)
GOOGLE = (
    "First Name,Middle Name,Last Name,Organization Name,Organization Title,Notes,Labels,E-mail 1 - Label,"
    "E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Value\n"
    'Ève,,Ici,Mairie,Maire,"Deux\nlignes",* myContacts ::: élus,* Work,here@example.org ::: b@example.org,'
    "c@example.org,05\n"
)
GOOGLE_OLD = (
    "Name,Given Name,Additional Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value\n"
    "Ève Ici,Ève,,Ici,* myContacts,* Home,here@example.org\n"
)
